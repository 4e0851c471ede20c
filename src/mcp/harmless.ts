import { visible } from '../report/sanitize.ts'
import { redacted } from './redact.ts'

// The user's own file, and calls with the user's own command, stand as they are.
const EXACT = new Set(['text', 'next_steps'])

/** The answer with every text as one line that steers nothing and shows no secret. */
export function harmless(
  structured: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(structured).map(([key, value]) => [key, EXACT.has(key) ? value : clean(value)]),
  )
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return visible(redacted(value))
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [visible(redacted(key)), clean(part)]),
  )
}
