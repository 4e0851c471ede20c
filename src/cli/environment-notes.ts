/** What was done to the environment of a command, by the names of the variables. */
interface EnvironmentChanges {
  readonly set: readonly string[]
  readonly overridden: readonly string[]
  readonly removed: readonly string[]
  readonly extended: readonly string[]
  readonly kept: readonly string[]
}

/** Names, never values: what the shell holds may be secret. */
export function environmentNotes(runId: string, changes: EnvironmentChanges): string {
  return [
    `tracespec: run:${runId}`,
    ...note('set', changes.set),
    ...note('overrides', changes.overridden),
    ...note('removes', changes.removed),
    ...note('extends', changes.extended),
    ...note('keeps', changes.kept),
    '',
  ].join('\n')
}

function note(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`tracespec: ${what} ${names.join(', ')}`]
}
