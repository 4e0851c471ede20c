/** One trace of a search, as plain facts. */
export interface ListedTrace {
  readonly trace_id: string
  readonly root: string
  readonly service: string
  /** ISO 8601. */
  readonly started_at: string
  readonly duration_ms: number
  readonly spans: number
  readonly errors: number
  readonly services: readonly string[]
  readonly run: string | null
}

/** What a search found, newest first. */
export interface FoundTraces {
  readonly items: readonly ListedTrace[]
  readonly shown: number
  /** Null when the backend that was asked cannot tell, as `total`. */
  readonly omitted: number | null
  readonly total: number | null
  /** How to get the rest; null when nothing is left. */
  readonly how: string | null
  /** A backend gave only so many traces to choose from, so that others may match; null when it gave all. */
  readonly cut_at: number | null
}
