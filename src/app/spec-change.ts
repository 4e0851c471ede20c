import type { Spec } from '../spec/spec.ts'
import { millisOf } from '../trace/time.ts'
import { page } from '../verify/shown.ts'
import type { SpecHistory, VersionChange, VersionFacts } from '../verify/spec-evolution.ts'
import { lineDifference } from './line-difference.ts'
import { textsToCompare, type Evolution, type SpecText } from './spec-evolution.ts'
import { loadSpec } from './spec-files.ts'
import { weakenings, type Weakening } from './weakenings.ts'

/** The texts of a spec, newest first, each with what it changed. */
export function specHistoryOf(evolution: Evolution, limit: number): SpecHistory {
  const { name, path, file, versions } = evolution
  const isKept = file === undefined || versions.some(({ sha256 }) => sha256 === file.sha256)
  const texts: readonly SpecText[] = isKept ? versions : [file, ...versions]
  const { items, ...counts } = page(texts, limit)
  const told = items.map((text, at) => ({
    ...factsOf(text, file),
    change: changeOf(comparison(texts[at + 1], text)),
  }))
  return { schema: 'tracespec.spec-history/1', name, path, versions: { items: told, ...counts } }
}

/** Two texts of a spec with the lines and what is asked for in which they differ. */
export interface SpecDifference {
  readonly name: string
  readonly path: string
  readonly before: VersionFacts
  readonly after: VersionFacts
  readonly change: VersionChange
  readonly lines: readonly string[]
  readonly weaker: readonly Weakening[]
  /** As on the way back, where it is no longer asked for; what asks for something else is in `weaker` alone. */
  readonly tighter: readonly Weakening[]
}

/** The two texts that are asked for, by digests that may be cut; a Fault when there are none. */
export function specDifferenceOf(evolution: Evolution, digests: readonly string[]): SpecDifference {
  const { name, path, file } = evolution
  const { before, after } = textsToCompare(evolution, digests)
  const compared = comparison(before, after)
  const { weaker, tighter } = compared.kind === 'compared' ? compared : nothing
  return {
    name,
    path,
    before: factsOf(before, file),
    after: factsOf(after, file),
    change: changeOf(compared),
    lines: before.sha256 === after.sha256 ? [] : lineDifference(before.text, after.text),
    weaker,
    tighter,
  }
}

const nothing = { weaker: [], tighter: [] } as const

function factsOf(text: SpecText, file: SpecText | undefined): VersionFacts {
  const { sha256, firstSeen, origin } = text
  return {
    sha256,
    first_seen:
      firstSeen === undefined ? null : new Date(Math.floor(millisOf(firstSeen))).toISOString(),
    origin: origin ?? null,
    current: sha256 === file?.sha256,
  }
}

type Comparison =
  | { readonly kind: 'first' | 'unreadable' }
  | {
      readonly kind: 'compared'
      readonly weaker: readonly Weakening[]
      readonly tighter: readonly Weakening[]
    }

function comparison(before: SpecText | undefined, after: SpecText): Comparison {
  if (before === undefined) return { kind: 'first' }
  const [old, now] = [specOf(before), specOf(after)]
  if (old === undefined || now === undefined) return { kind: 'unreadable' }
  return {
    kind: 'compared',
    weaker: weakenings(old, now),
    tighter: weakenings(now, old).filter(({ code }) => code !== 'changed'),
  }
}

function specOf({ path, sha256, text }: SpecText): Spec | undefined {
  return loadSpec({ path, sha256, read: { text } }).spec
}

function changeOf(compared: Comparison): VersionChange {
  if (compared.kind !== 'compared') return { kind: compared.kind }
  const { weaker, tighter } = compared
  const changed = weaker.filter(({ code }) => code === 'changed').length
  const [added, removed] = [expectationsOf(tighter), expectationsOf(weaker)]
  return {
    kind: 'compared',
    added,
    removed,
    weakened: weaker.length - removed.length - changed,
    tightened: tighter.length - added.length,
    changed,
  }
}

function expectationsOf(changes: readonly Weakening[]): readonly string[] {
  return changes.flatMap(({ code, field, label }) =>
    code === 'removed' && field === 'expected_spans' && label !== null ? [label] : [],
  )
}
