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
