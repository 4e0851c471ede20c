import type { CheckVerdict, IterationRecord, SpecVerdict, SpecVersions } from '../trace/ports.ts'
import type { Spec } from '../spec/spec.ts'
import type { WeakenedSpec } from '../verify/session.ts'
import { atText } from '../verify/shown.ts'
import { loadSpec } from './spec-files.ts'
import { weakenings } from './weakenings.ts'

/** What the specs of each run ask for less than when they were judged before, by the id of the run. */
export type Weakened = ReadonlyMap<string, readonly WeakenedSpec[]>

/** Reads it off the texts that are kept; what is kept no more is told as unknown. */
export async function weakenedIn(
  iterations: readonly IterationRecord[],
  store: SpecVersions,
): Promise<Weakened> {
  const texts = textReader(store)
  const found = new Map<string, readonly WeakenedSpec[]>()
  for (const { runId, before, after } of changesOf(iterations)) {
    const [old, now] = [await texts(before), await texts(after)]
    found.set(runId, [...(found.get(runId) ?? []), ...compared(after, old, now)])
  }
  return found
}

/** Whether a check is among what is asked for less: that it holds now proves no repair. */
export function isLoosened(check: CheckVerdict, weaker: readonly WeakenedSpec[]): boolean {
  return weaker.some(({ spec, code, label, field }) => {
    if (spec !== check.spec || code === 'unknown') return false
    if ((LOOSENS_SPANS.get(field) ?? field) === SPAN_RULES.get(check.condition)) return true
    const isOfCheck = label === null || label === check.label
    return isOfCheck && (field === check.condition || WHOLE.has(field))
  })
}

/** Rules that no expectation holds; their checks bear the names of spans. */
const SPAN_RULES = new Map([
  ['unexpected_spans', 'unexpected_spans'],
  ['error_conditions', 'error_conditions'],
])

/** What lets off spans that break such a rule. */
const LOOSENS_SPANS = new Map([
  ['ignore', 'unexpected_spans'],
  ['unexpected_errors', 'error_conditions'],
])

/** Parts that say which spans are meant: with another, every check is of something else. */
const WHOLE = new Set([
  'applies_to',
  'traces.passing',
  'relation',
  'operation_name',
  'service_name',
  'kind',
  'where',
])

interface Change {
  readonly runId: string
  readonly before: SpecVerdict
  readonly after: SpecVerdict
}

function changesOf(iterations: readonly IterationRecord[]): readonly Change[] {
  const last = new Map<string, SpecVerdict>()
  return iterations.flatMap(({ runId, specs }) =>
    specs.flatMap((after) => {
      const before = last.get(after.name)
      last.set(after.name, after)
      return before === undefined || before.sha256 === after.sha256
        ? []
        : [{ runId, before, after }]
    }),
  )
}

/** Each file's texts are read once. */
function textReader(store: SpecVersions): (spec: SpecVerdict) => Promise<Spec | undefined> {
  const known = new Map<string, ReturnType<SpecVersions['specVersions']>>()
  return async ({ path, sha256 }) => {
    const versions = known.get(path) ?? store.specVersions(path)
    known.set(path, versions)
    const version = (await versions).find((one) => one.sha256 === sha256)
    if (version === undefined) return undefined
    return loadSpec({ path, sha256, read: { text: version.text } }).spec
  }
}

function compared(
  { name, path }: SpecVerdict,
  old: Spec | undefined,
  now: Spec | undefined,
): readonly WeakenedSpec[] {
  if (old === undefined || now === undefined) {
    return [
      { spec: name, code: 'unknown', at: path, label: null, field: '', before: null, after: null },
    ]
  }
  return weakenings(old, now).map(({ at, ...facts }) => ({ ...facts, spec: name, at: atText(at) }))
}
