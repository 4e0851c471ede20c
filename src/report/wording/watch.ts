import { inert } from '../sanitize.ts'
import { plural, some } from './phrases.ts'

/** Why something is done again. */
export function changedPhrase(paths: readonly string[]): string {
  const names = paths.slice(0, 3).map((path) => inert(path, 80))
  return `${some(names, paths.length)} changed`
}

/** How the runs went so far, and how to leave. */
export function waitingPhrase(runs: number, keys: boolean): string {
  const leave = keys ? 'q quits, r runs again' : 'Ctrl-C quits'
  return `${plural(runs, 'run')}; waits for a change, ${leave}`
}

/** Files that the command seems to write itself. */
export function mutedNote(paths: readonly string[]): string {
  return `${changedPhrase(paths)} during several runs one after the other, so the command seems to write ${paths.length === 1 ? 'it' : 'them'}: such a change starts it again only when it does not run`
}
