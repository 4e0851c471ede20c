import { globParts, matchesParts } from '../spec/wildcard.ts'

/**
 * Whether a pattern allows a command. Patterns are words with `*` for any characters within a word; a last word `*` stands for
 * all further arguments, so `npm test` allows no argument and `npm run *` any.
 */
export function isAllowedCommand(command: readonly string[], patterns: readonly string[]): boolean {
  return patterns.some((pattern) => allows(pattern.split(/\s+/).filter(isWord), command))
}

function isWord(text: string): boolean {
  return text !== ''
}

function allows(words: readonly string[], command: readonly string[]): boolean {
  const isOpen = words.length > 1 && words.at(-1) === '*'
  const fixed = isOpen ? words.slice(0, -1) : words
  if (fixed.length === 0) return false
  if (isOpen ? command.length < fixed.length : command.length !== fixed.length) return false
  return fixed.every((word, at) => matchesParts(command[at] ?? '', globParts(word), 0))
}
