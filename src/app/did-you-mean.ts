import { nearest } from '../spec/suggest.ts'

/** `did you mean X?` when a known name is near, else undefined. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known)
  return near === undefined ? undefined : `did you mean ${near}?`
}
