// Controls, line separators, everything that formats invisibly (bidi, zero width, tags), lone surrogates, private use.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Untrusted text as one inert line: whatever steers a terminal or hides stands as an escape. */
export function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) => SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** At most `limit` characters, the last an ellipsis when something was cut. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const kept = text.slice(0, limit - 1)
  // A cut between the halves of a surrogate pair would leave a lone one.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** `visible` and `cut`, reading no more of a long text than it shows. */
export function inert(text: string, limit: number): string {
  return cut(visible(cut(text, limit)), limit)
}
