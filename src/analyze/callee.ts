import { serviceName, type Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { lookUpTag } from '../verify/lookup.ts'
import { spanAt } from '../verify/span-at.ts'

/** The span that answers a CLIENT: the first SERVER below it; undefined when none was captured. */
export function answerOf(trace: Trace, client: SpanIndex): SpanIndex | undefined {
  if (spanAt(trace, client).kind !== 'client') return undefined
  return (trace.children[client] ?? []).find((child) => spanAt(trace, child).kind === 'server')
}

/**
 * What every span calls on behalf of its parent, by the name of the service or, where that was not captured, of the peer;
 * undefined for work in the parent's own process. A span that only wraps one call calls what that calls.
 */
export function calleesOf(
  trace: Trace,
  parentsFirst: readonly SpanIndex[],
): readonly (string | undefined)[] {
  const callees: (string | undefined)[] = trace.spans.map(() => undefined)
  for (const index of parentsFirst.toReversed()) {
    const span = spanAt(trace, index)
    const children = trace.children[index] ?? []
    const answer = answerOf(trace, index)
    const parent = trace.spans[trace.parent[index] ?? -1]
    if (answer !== undefined) callees[index] = serviceName(spanAt(trace, answer))
    else if (span.kind === 'client') callees[index] = peerOf(span)
    else if (parent !== undefined && serviceName(parent) !== serviceName(span)) {
      callees[index] = serviceName(span)
    } else if (span.kind === 'internal' || span.kind === 'unspecified') {
      callees[index] = children.length === 1 ? callees[children[0] ?? -1] : databaseOf(span)
    }
  }
  return callees
}

/** Some record a call of a database as work of their own. */
function databaseOf(span: Span): string | undefined {
  return textOf(span, 'db.system.name')
}

const PEERS = ['peer.service', 'db.system.name', 'messaging.system', 'rpc.service']

function peerOf(span: Span): string | undefined {
  const named = PEERS.map((name) => textOf(span, name)).find((name) => name !== undefined)
  if (named !== undefined) return named
  const address = textOf(span, 'server.address')
  const port = textOf(span, 'server.port')
  return address === undefined || port === undefined ? address : `${address}:${port}`
}

function textOf(span: Span, name: string): string | undefined {
  const { value, level } = lookUpTag(span, name)
  if (level !== 'span') return undefined
  if (typeof value === 'string') return value
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : undefined
}
