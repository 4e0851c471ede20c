import { nearest } from '../spec/suggest.ts'

/** `did you mean X?` when a known name is near, else undefined. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const near = nearName(name, known)
  return near === undefined ? undefined : `did you mean ${near}?`
}

/** The known name that a mistyped one is near to, undefined when none is. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  return nearest(name, known)
}
