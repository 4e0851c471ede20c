import type { SpecOrigin } from '../../trace/ports.ts'
import type { VersionChange } from '../../verify/spec-evolution.ts'
import { inert } from '../sanitize.ts'
import { plural, some, tick } from './phrases.ts'
import type { WeakeningFacts } from './weakening.ts'

const MAX_LABELS = 3

/** A change in one line, without a full stop. */
export function versionPhrase(change: VersionChange): string {
  switch (change.kind) {
    case 'first':
      return 'the first that is kept'
    case 'unreadable':
      return 'cannot be compared: one of the two texts cannot be used as a spec'
    case 'compared': {
      const { added, removed, weakened, tightened, changed } = change
      const parts = [
        ...(added.length === 0 ? [] : [`added ${labels(added)}`]),
        ...(removed.length === 0 ? [] : [`removed ${labels(removed)}`]),
        ...(weakened === 0 ? [] : [`${weakened} weakened`]),
        ...(tightened === 0 ? [] : [`${tightened} tightened`]),
        ...(changed === 0 ? [] : [`${changed} changed`]),
      ]
      return parts.length === 0 ? 'asks for the same' : parts.join(', ')
    }
  }
}

function labels(all: readonly string[]): string {
  return some(all.slice(0, MAX_LABELS).map(tick), all.length)
}

/** How a version was first seen, in a word or two; null for a file that is not kept yet. */
export function originPhrase(origin: SpecOrigin | null): string {
  switch (origin) {
    case null:
      return 'not kept'
    case 'run':
    case 'check':
      return origin
    case 'define':
      return 'defined'
    case 'update':
      return 'updated'
    case 'found':
      return 'replaced'
  }
}

/** What the spec asks for that it did not before; `facts` are those of the way back, where it is no longer asked for. */
export function tighteningSentence({ code, label, field, before, after }: WeakeningFacts): string {
  const name = `\`${inert(field, 80)}\``
  const subject = label === null ? name : `${name} of ${tick(label)}`
  switch (code) {
    case 'removed':
      return field === 'expected_spans' && label !== null
        ? `${tick(label)} is expected now.`
        : `${subject} is asked for now${before === null ? '' : ` (${inert(before, 80)})`}.`
    case 'widened':
      return `${subject} allows less: ${inert(after ?? 'any', 80)} before, ${inert(before ?? 'none', 80)} now.`
    case 'changed':
      return `${subject} asks for something else than before.`
    case 'silenced':
      return `${subject} no longer silences what counts now.`
  }
}

/** What two texts make of each other, as the last line of a difference. */
export function differenceSentence(change: VersionChange, lines: number): string {
  if (lines === 0) return 'Both are the same text.'
  return `${lines === 1 ? '1 line differs' : `${lines} lines differ`}: ${versionPhrase(change)}.`
}

/** How many versions there are, as the last line of a history. */
export function historySentence(
  name: string,
  { shown, total }: { readonly shown: number; readonly total: number },
): string {
  if (total === 0) return `No version of ${tick(name)} is kept yet; run and check keep them.`
  if (shown === total) return `${plural(total, 'version')} of ${tick(name)}.`
  return `${shown} of ${plural(total, 'version')} of ${tick(name)}; --limit ${total} shows all.`
}
