/**
 * Splits a line into words as a POSIX shell does with quotes and backslashes (XCU 2.2), and does nothing else of a shell: no
 * variables, globs, pipes or comments. Undefined when a quote is not closed or nothing follows the last backslash.
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  let rest = line
  let word: string | undefined
  while (rest !== '') {
    const [text = '', space, plain, single, double, escaped] = TOKEN.exec(rest) ?? []
    if (text === '') return undefined
    rest = rest.slice(text.length)
    if (text === CONTINUATION) continue
    if (space !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    word = `${word ?? ''}${plain ?? single ?? unescaped(double) ?? escaped ?? ''}`
  }
  return word === undefined ? words : [...words, word]
}

/** A backslash before the end of a line joins it to the next. */
const CONTINUATION = '\\\n'

/** Blanks, plain characters, 'as they are', "with escapes", \one. */
const TOKEN = /^(?:([ \t\n]+)|([^ \t\n'"\\]+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^]))/

/** Within double quotes a backslash escapes these alone. */
function unescaped(text: string | undefined): string | undefined {
  return text?.replaceAll(/\\([$`"\\\n])/g, (_, character: string) =>
    character === '\n' ? '' : character,
  )
}
