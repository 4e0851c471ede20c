import type { FormatLoss } from './format-loss.ts'

/** Forms that traces are written in. */
export const traceForms = ['otlp-json', 'otlp-jsonl', 'otlp-proto', 'jaeger', 'zipkin'] as const

export type TraceForm = (typeof traceForms)[number]

/** Traces in a form. */
export interface Written {
  readonly content: string | Uint8Array
  /** What the form could not hold, in the order of names. */
  readonly lost: readonly FormatLoss[]
}
