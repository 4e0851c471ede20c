import { inert } from '../sanitize.ts'
import { tick } from './phrases.ts'

/** One way in which a changed spec asks for less than before. */
export interface WeakeningFacts {
  readonly code: 'removed' | 'widened' | 'changed' | 'silenced'
  readonly label: string | null
  readonly field: string
  readonly before: string | null
  readonly after: string | null
}

/** What the spec no longer asks for, as one sentence. */
export function weakeningSentence({ code, label, field, before, after }: WeakeningFacts): string {
  const name = `\`${inert(field, 80)}\``
  const subject = label === null ? name : `${name} of ${tick(label)}`
  switch (code) {
    case 'removed':
      return field === 'expected_spans' && label !== null
        ? `${tick(label)} is no longer expected.`
        : `${subject} is no longer asked for${before === null ? '' : ` (was ${inert(before, 80)})`}.`
    case 'widened':
      return `${subject} allows more: ${inert(before ?? 'none', 80)} before, ${inert(after ?? 'none', 80)} now.`
    case 'changed':
      return `${subject} asks for something else than before.`
    case 'silenced':
      return `${subject} silences what counted before.`
  }
}
