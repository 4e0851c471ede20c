import { lossless, type Losses } from '../../../src/trace/losses.ts'
import type { Span } from '../../../src/trace/span.ts'
import { buildTraces } from '../../../src/trace/tree.ts'
import type { SpecFile } from '../../../src/verify/observation.ts'
import type { SpecResult } from '../../../src/verify/result.ts'
import { verify } from '../../../src/verify/verify.ts'

export interface Read {
  readonly spans: readonly Span[]
  readonly losses: Losses
}

export function verdictOf(file: SpecFile, { spans, losses }: Read): SpecResult {
  const traces = buildTraces(spans)
  return verify(
    file,
    { traces, run: undefined, losses, source: 'a test', named: true, required: true },
    { limit: 1000 },
  )
}

/** As the program sent it. */
export function sent(spans: readonly Span[]): Read {
  return { spans, losses: lossless }
}

/** The checks that a lost fact opened: what they would have been, by name. */
export function openedChecks(original: SpecResult, read: SpecResult): readonly string[] {
  const before = new Map(checksOf(original))
  return checksOf(read).flatMap(([name, status]) =>
    status === 'inconclusive' && before.get(name) !== 'inconclusive'
      ? [`${name} (${before.get(name) ?? 'not asked'})`]
      : [],
  )
}

/** Each check of a verdict that is decided in another one. */
export function decidedChecks(of: SpecResult, where: SpecResult): readonly string[] {
  const decided = new Map(checksOf(where))
  return checksOf(of)
    .filter(([name]) => decided.get(name) !== 'inconclusive')
    .map(([name, status]) => `${name}: ${status}`)
}

function checksOf({ expectations, status }: SpecResult): readonly (readonly [string, string])[] {
  return [
    ['the spec', status] as const,
    ...expectations.flatMap(({ id, checks }) =>
      checks.map((check) => [`${id}: ${check.condition}`, check.status] as const),
    ),
  ]
}

/**
 * A verdict as text, without whose it is and how it came, in what a form holds: times in its grain, and names in lower case where it
 * keeps no other. A share of two times is left out where they are cut, and no kind is
 * INTERNAL where these look alike.
 */
export function comparableVerdict(
  result: SpecResult,
  { nameCase, grainNanos, internalKind }: Losses,
): string {
  const text = JSON.stringify(
    result,
    (key, value: unknown) => {
      if (key === 'source' || key === 'evidence' || key === 'run') return undefined
      if (key === 'kind' && value === 'unspecified' && internalKind) return 'internal'
      if (key === 'share_of_parent' && grainNanos > 1) return undefined
      if (typeof value !== 'number' || grainNanos === 1 || Number.isInteger(value)) return value
      return Math.floor(Math.round(value * 1e6) / grainNanos) / (1e6 / grainNanos)
    },
    1,
  )
  return nameCase ? text.toLowerCase() : text
}
