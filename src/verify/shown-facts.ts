import type { Losses } from '../trace/losses.ts'
import type { Span, SpanKind, StatusCode } from '../trace/span.ts'
import { agreed, surely, type Tri } from './three.ts'

/** The kinds that a span may have had; no kind is internal. */
export function kindsOf({ kind }: Span, { kinds }: Losses): readonly SpanKind[] {
  if (kinds === undefined) return [kind]
  switch (kinds) {
    case 'calls':
      return kind === 'server' || kind === 'client' ? [kind] : ['internal', 'producer', 'consumer']
    case 'sides':
      return isCallee(kind) ? ['server', 'consumer'] : ['internal', 'client', 'producer']
    case 'lost':
      return ['internal', 'server', 'client', 'producer', 'consumer']
  }
}

/** Whether a span is of one of these kinds. */
export function hasKind(span: Span, losses: Losses, is: (kind: SpanKind) => boolean): Tri {
  return losses.kinds === undefined
    ? surely(is(span.kind))
    : agreed(kindsOf(span, losses).map((kind) => surely(is(kind))))
}

/** The kinds that call another process. */
export function isCaller(kind: SpanKind): boolean {
  return kind === 'client' || kind === 'producer'
}

/** The kinds that answer another process. */
export function isCallee(kind: SpanKind): boolean {
  return kind === 'server' || kind === 'consumer'
}

/** Whether a span has a status of which this is true. */
export function hasStatus(span: Span, losses: Losses, is: (code: StatusCode) => boolean): Tri {
  return agreed(statusesOf(span, losses).map((code) => surely(is(code))))
}

/** Whether a span failed. */
export function failed(span: Span, losses: Losses): Tri {
  return hasStatus(span, losses, (code) => code === 'error')
}

function statusesOf({ status: { code } }: Span, { statuses }: Losses): readonly StatusCode[] {
  if (statuses === undefined || (statuses === 'ok' && code === 'error')) return [code]
  return statuses === 'lost' || code === 'error' ? ['unset', 'ok', 'error'] : ['unset', 'ok']
}
