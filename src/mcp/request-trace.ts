import type { TraceContext } from './trace-context.ts'

/** What a span tells of one request. */
export interface RequestFacts {
  readonly method: string
  readonly id: string | number
  readonly protocolVersion: string | undefined
  readonly sessionId: string | undefined
  readonly transport: 'pipe' | 'tcp'
  /** What the method is asked for, of what is offered. */
  readonly target: RequestTarget | undefined
  /** That of `_meta`, which is the client's own. */
  readonly parent: TraceContext | undefined
  /** That of the HTTP request or of this process. */
  readonly ambient: TraceContext | undefined
}

export type RequestTarget =
  | { readonly kind: 'tool'; readonly name: string }
  | { readonly kind: 'prompt'; readonly name: string }
  | { readonly kind: 'resource'; readonly uri: string }

/** The place of a request in a trace, for what it starts. */
export interface RequestTrace {
  /** What a command that is started belongs to; undefined when there is no such trace. */
  readonly context: Omit<TraceContext, 'spanId'> | undefined
  /** The span of a run, by the id that the command is told of; it ends when it is disposed. */
  readonly startRun: (run: { readonly id: string; readonly spanId: string }) => Disposable
}

/** The span of one request, until it ends. */
export interface RequestSpan extends RequestTrace {
  readonly answered: (errorType: string | undefined) => void
  readonly failed: (error: unknown) => void
  readonly end: () => void
}

export interface RequestSpans {
  readonly start: (facts: RequestFacts) => RequestSpan
  /** Sends what is not sent yet, within a bounded time. */
  readonly end: () => Promise<void>
}
