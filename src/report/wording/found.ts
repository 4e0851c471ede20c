import { plural } from './phrases.ts'

/** How much of a search is shown. */
export interface FoundFacts {
  readonly shown: number
  /** Undefined when a backend cannot tell. */
  readonly total: number | undefined
  /** The backend gave only so many to choose from. */
  readonly cutAt?: number | undefined
}

/** How much of a search is shown, and what was not looked at. */
export function foundSentence({ shown, total, cutAt }: FoundFacts): string {
  const cut =
    cutAt === undefined
      ? ''
      : ` The backend gave only ${plural(cutAt, 'trace')} to choose from, so others may match.`
  if (total === undefined && shown > 0) {
    return `${plural(shown, 'trace')}, newest first; how many there are is not known.${cut}`
  }
  if (total === undefined || total === 0) {
    return cut === ''
      ? 'No trace that is kept meets the query.'
      : `No trace of these matches.${cut}`
  }
  return `${shown} of ${plural(total, 'trace')}, newest first.${cut}`
}
