/**
 * Whether `text` is the parts in their order with a gap of at least `minGap` characters between neighbours.
 * Taking each part at its first place is exact and needs no backtracking.
 */
export function matchesParts(text: string, parts: readonly string[], minGap: number): boolean {
  const [first = '', ...rest] = parts
  if (!text.startsWith(first)) return false
  const last = rest.pop()
  if (last === undefined) return text.length === first.length
  let position = first.length
  for (const part of rest) {
    const found = text.indexOf(part, position + minGap)
    if (found === -1) return false
    position = found + part.length
  }
  return text.length - last.length >= position + minGap && text.endsWith(last)
}

/** `*` stands for any characters, also none; all else is literal. */
export function globParts(pattern: string): readonly string[] {
  return pattern.split('*')
}

/** The literal parts of each path segment of a template; a brace pair between two parts is one or more characters. */
export function templateSegments(pattern: string): readonly (readonly string[])[] {
  return pattern.split('/').map((segment) => segment.split(/\{[^{}]*\}/))
}

/** Whether every brace is closed within its path segment. */
export function isTemplate(pattern: string): boolean {
  return templateSegments(pattern).every((parts) => parts.every((part) => !/[{}]/.test(part)))
}
