import {
  context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import { parseTraceId } from '../trace/ids.ts'
import { runAttribute } from '../trace/run-attribute.ts'
import type {
  RequestFacts,
  RequestSpan,
  RequestSpans,
  RequestTarget,
  RequestTrace,
} from './request-trace.ts'
import type { TraceContext } from './trace-context.ts'

/** Where spans come from: a provider of our own with its exporter, or that which the process has. */
interface Source {
  readonly tracer: Tracer
  /** The next span that is started gets this id, where the provider is ours. */
  readonly nextSpanId: (id: string) => void
  readonly end: () => Promise<void>
}

/** https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md, in development; version 1.41.1 is followed. */
export async function openRequestSpans(options: {
  readonly version: string
  readonly isOwn: boolean
}): Promise<RequestSpans> {
  const { version, isOwn } = options
  const source: Source = isOwn
    ? (await import('./span-export.ts')).openSpanExport(version)
    : {
        tracer: trace.getTracer('tracespec', version),
        nextSpanId: () => undefined,
        end: async () => undefined,
      }
  return { start: (facts) => startRequest(facts, source), end: source.end }
}

function startRequest(facts: RequestFacts, { tracer, nextSpanId }: Source): RequestSpan {
  const { parent = facts.ambient } = facts
  const around = parent === undefined ? context.active() : contextOf(parent)
  const span = tracer.startSpan(
    nameOf(facts),
    { kind: SpanKind.SERVER, attributes: attributesOf(facts), links: linksOf(facts) },
    around,
  )
  const below = trace.setSpan(around, span)
  return {
    context: passedOn(span.spanContext(), parent),
    startRun: ({ id, spanId }) => {
      nextSpanId(spanId)
      const attributes = { [runAttribute]: id }
      const run = tracer.startSpan('tracespec.run', { attributes }, below)
      return { [Symbol.dispose]: () => run.end() }
    },
    answered: (errorType) => {
      if (errorType !== undefined) fail(span, errorType)
    },
    failed: (error) => {
      const code = codeOf(error)
      if (code !== undefined) span.setAttribute('rpc.response.status_code', code)
      fail(span, code ?? (error instanceof Error ? error.name : '_OTHER'))
    },
    end: () => span.end(),
  }
}

function nameOf({ method, target }: RequestFacts): string {
  return target === undefined || target.kind === 'resource' ? method : `${method} ${target.name}`
}

function attributesOf(facts: RequestFacts): Attributes {
  const { method, id, protocolVersion, sessionId, transport, target } = facts
  return {
    'mcp.method.name': method,
    'jsonrpc.request.id': String(id),
    'network.transport': transport,
    ...(transport === 'tcp' ? { 'network.protocol.name': 'http' } : {}),
    ...(protocolVersion === undefined ? {} : { 'mcp.protocol.version': protocolVersion }),
    ...(sessionId === undefined ? {} : { 'mcp.session.id': sessionId }),
    ...(target === undefined ? {} : targetAttributes(target)),
  }
}

function targetAttributes(target: RequestTarget): Attributes {
  switch (target.kind) {
    case 'tool':
      return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': target.name }
    case 'prompt':
      return { 'gen_ai.prompt.name': target.name }
    case 'resource':
      return { 'mcp.resource.uri': target.uri }
  }
}

/** The ambient context stays known where the client's own is the parent. */
function linksOf({ parent, ambient }: RequestFacts): Link[] {
  return parent === undefined || ambient === undefined ? [] : [{ context: spanContextOf(ambient) }]
}

function contextOf(remote: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(remote))
}

function spanContextOf({ traceId, spanId, isSampled, traceState }: TraceContext): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  }
}

function passedOn(own: SpanContext, parent: TraceContext | undefined): RequestTrace['context'] {
  const traceId = parseTraceId(own.traceId)
  if (traceId === undefined) return parent
  return {
    traceId,
    isSampled: (own.traceFlags & TraceFlags.SAMPLED) !== 0,
    traceState: own.traceState?.serialize() ?? parent?.traceState,
    baggage: parent?.baggage,
  }
}

function fail(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** The code of a JSON-RPC error. */
function codeOf(error: unknown): string | undefined {
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'number'
  return isCoded ? String(error.code) : undefined
}
