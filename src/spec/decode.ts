import { problem } from './issue.ts'
import type { SourceRange, SpecIssue } from './spec.ts'

/** The largest spec file that is read, in bytes. */
export const MAX_SPEC_BYTES: number = 1024 * 1024

/** The text of a spec file, without a byte order mark, or why it has none. */
export function decodeSpecBytes(
  bytes: Uint8Array,
  file: string,
): { readonly text: string } | { readonly issue: SpecIssue } {
  if (bytes.length > MAX_SPEC_BYTES) return { issue: tooLarge(file) }
  const text = decodeUtf8(bytes)
  return text === undefined ? { issue: notUtf8(bytes, file) } : { text }
}

/** The byte order mark is no character of the file's first line. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

export function tooLarge(file: string): SpecIssue {
  return problem('too_large', pointAt(file, 1, 1), {
    message: 'The file is larger than 1 MiB.',
    hint: 'split it into several specs',
  })
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function notUtf8(bytes: Uint8Array, file: string): SpecIssue {
  const lineFeed = 0x0a
  let line = 1
  let start = 0
  let end = bytes.indexOf(lineFeed)
  while (end !== -1 && decodeUtf8(bytes.subarray(start, end)) !== undefined) {
    line += 1
    start = end + 1
    end = bytes.indexOf(lineFeed, start)
  }
  const shown = new TextDecoder().decode(bytes.subarray(start, end === -1 ? undefined : end))
  return problem('not_utf8', pointAt(file, line, Math.max(1, shown.indexOf('\uFFFD') + 1)), {
    message: 'The file is not UTF-8 text.',
    hint: 'save it as UTF-8',
  })
}

function pointAt(file: string, line: number, column: number): SourceRange {
  return { file, line, column, endLine: line, endColumn: column }
}
