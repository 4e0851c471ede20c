const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A command as text that a POSIX shell reads back as exactly these arguments. */
export function quoted(command: readonly string[]): string {
  return command.map(quoteArgument).join(' ')
}

function quoteArgument(argument: string): string {
  return PLAIN.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}

/** Whether the command can be printed: a control character other than tab and newline would steer the terminal. */
export function isPrintable(command: readonly string[]): boolean {
  return !command.some((argument) => /[^\P{C}\t\n]/u.test(argument))
}
