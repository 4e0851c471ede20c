import type {
  CheckVerdict,
  IterationRecord,
  SessionRecord,
  SpecVerdict,
  SpecVersion,
  SpecVersions,
} from '../trace/ports.ts'
import type { Spec } from '../spec/spec.ts'
import type { WeakenedSpec } from '../verify/session.ts'
import { atText } from '../verify/shown.ts'
import { loadSpec } from './spec-files.ts'
import { weakenings } from './weakenings.ts'

/** What the specs of each run ask for less than when they were judged before, or when the session began, by the id of the run. */
export type Weakened = ReadonlyMap<string, readonly WeakenedSpec[]>

/** Reads it off the texts that are kept; what is kept no more is told as unknown. */
export async function weakenedIn(
  { startedAt }: Pick<SessionRecord, 'startedAt'>,
  iterations: readonly IterationRecord[],
  store: SpecVersions,
): Promise<Weakened> {
  const versions = versionReader(store)
  const found = new Map<string, readonly WeakenedSpec[]>()
  const last = new Map<string, string>()
  for (const { runId, specs } of iterations) {
    for (const spec of specs) {
      const { name, path, sha256 } = spec
      const known = await versions(path)
      const before = last.get(name) ?? firstTextOf(known, startedAt) ?? sha256
      last.set(name, sha256)
      if (before === sha256) continue
      const told = compared(spec, specOf(known, before), specOf(known, sha256))
      found.set(runId, [...(found.get(runId) ?? []), ...told])
    }
  }
  return found
}

/** The text that a session began with: the last before it, else the first that is known. */
function firstTextOf(
  versions: readonly SpecVersion[],
  startedAt: SessionRecord['startedAt'],
): string | undefined {
  const before = versions.find(({ firstSeen }) => firstSeen <= startedAt)
  return (before ?? versions.at(-1))?.sha256
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

/** Each file's versions are read once. */
function versionReader(store: SpecVersions): SpecVersions['specVersions'] {
  const known = new Map<string, ReturnType<SpecVersions['specVersions']>>()
  return (path) => {
    const versions = known.get(path) ?? store.specVersions(path)
    known.set(path, versions)
    return versions
  }
}

function specOf(versions: readonly SpecVersion[], sha256: string): Spec | undefined {
  const version = versions.find((one) => one.sha256 === sha256)
  if (version === undefined) return undefined
  return loadSpec({ path: version.path, sha256, read: { text: version.text } }).spec
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
