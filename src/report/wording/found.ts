import { plural } from './phrases.ts'

/** How much of a search is shown. */
export function foundSentence(shown: number, total: number): string {
  if (total === 0) return 'No trace that is kept meets the query.'
  return `${shown} of ${plural(total, 'trace')}, newest first.`
}
