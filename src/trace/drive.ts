/** A command that serves: how it is known to be ready, and what makes its traffic. */
export interface ServerPlan {
  /** All of them must be seen. */
  readonly ready: readonly ReadySign[]
  readonly readyTimeoutMs: number
  /** One after the other, until one fails. */
  readonly drives: readonly Drive[]
}

export type ReadySign =
  /** Any HTTP status below 500 is ready; redirects are not followed. */
  | { readonly kind: 'url'; readonly url: URL }
  /** `matches` is asked for each line of the command's output, without colours and its end, cut at 8,192 characters. */
  | { readonly kind: 'log'; readonly written: string; readonly matches: (line: string) => boolean }

/** What makes traffic, with the words that the user wrote for it. */
export type Drive =
  | {
      readonly kind: 'command'
      readonly written: string
      readonly command: readonly [string, ...string[]]
    }
  | {
      readonly kind: 'request'
      readonly written: string
      readonly method: string
      readonly url: URL
      readonly body: string | undefined
    }

/** How a command that serves was ready and driven; plain JSON facts. */
export interface ServerFacts {
  /** Milliseconds from its start; null when it ended before. */
  readonly ready_ms: number | null
  /** Those that were begun, in their order. */
  readonly drives: readonly DriveFacts[]
  /** How many were asked for. */
  readonly asked_drives: number
  /** It was ended by us, after its quiet period; false when it ended by itself. */
  readonly stopped: boolean
}

export type DriveFacts =
  | {
      readonly kind: 'command'
      readonly drive: string
      readonly duration_ms: number
      /** Null when a signal ended it. */
      readonly exit_code: number | null
      readonly signal: string | null
    }
  | {
      readonly kind: 'request'
      readonly drive: string
      readonly duration_ms: number
      /** Null when no answer came. */
      readonly status: number | null
      readonly error: string | null
    }

/** A command must exit with 0; a request must get an answer, whatever its status. */
export function isFailedDrive(facts: DriveFacts): boolean {
  switch (facts.kind) {
    case 'command':
      return facts.exit_code !== 0
    case 'request':
      return facts.status === null
  }
}

/** What is told of a command that serves while it runs. */
export type ServingEvent =
  | { readonly kind: 'ready'; readonly after_ms: number }
  | { readonly kind: 'driven'; readonly facts: DriveFacts }
  /** No span has come for the quiet period; false when they did not cease. */
  | { readonly kind: 'stopping'; readonly quiet: boolean }
