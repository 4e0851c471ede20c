/** What the door knows of where the text goes. */
export interface Terminal {
  /** Columns; lines other than commands keep within it. */
  readonly width: number
  readonly color: boolean
  /** False keeps to ASCII. */
  readonly unicode: boolean
}

export type Tone = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

const SGR: Readonly<Record<Tone, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
}

export function paint(text: string, tone: Tone | undefined, terminal: Terminal): string {
  if (!terminal.color || tone === undefined || text === '') return text
  const [on, off] = SGR[tone]
  return `\u001B[${on}m${text}\u001B[${off}m`
}

const ASCII: Readonly<Record<string, string>> = {
  '…': '~',
  '×': 'x',
  '·': '-',
  '→': '->',
  '–': '-',
  '’': "'",
}

/** The text as this terminal can show it: without unicode other characters become escapes. */
export function shown(text: string, terminal: Terminal): string {
  if (terminal.unicode) return text
  return text.replace(
    /[^\n\u0020-\u007E]/gu,
    (character) => ASCII[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

// The wide and full-width blocks of Unicode TR 11, and what is drawn as a picture by default.
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
const MARK = /\p{M}/u

/** Columns that a text of printable characters takes. */
export function columns(text: string): number {
  let total = 0
  for (const character of text) total += columnsOf(character)
  return total
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1
  if (MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** The text cut and padded to exactly `width` columns. */
export function fit(text: string, width: number): string {
  if (width <= 0) return ''
  const whole = columns(text)
  if (whole <= width) return text + ' '.repeat(width - whole)
  let kept = ''
  let used = 0
  for (const character of text) {
    const next = used + columnsOf(character)
    if (next > width - 1) break
    kept += character
    used = next
  }
  return `${kept}…${' '.repeat(width - 1 - used)}`
}

/**
 * The text in lines of at most `width` columns, broken at spaces and in backticks only where it must be; leading spaces stay
 * where they leave room for the first word.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  const spaces = /^ */.exec(text)?.[0] ?? ''
  const words = wordsOf(text.slice(spaces.length), width)
  let line = spaces.length + columns(words[0] ?? '') <= width ? spaces : ''
  for (const word of words) {
    if (line.trim() !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line)
      line = word
      continue
    }
    line = line.trim() === '' ? line + word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

function wordsOf(text: string, width: number): readonly string[] {
  const words = text.match(/(?:`[^`]*`|[^ ])+/g) ?? []
  return words
    .flatMap((word) => (columns(word) <= width ? [word] : word.split(' ')))
    .flatMap((word) => pieces(word, width))
}

function pieces(word: string, width: number): readonly string[] {
  if (columns(word) <= width) return [word]
  const found: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && columns(piece) + columnsOf(character) > width) {
      found.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...found, piece]
}
