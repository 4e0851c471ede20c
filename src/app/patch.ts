/**
 * Applies a unified diff of one file: each hunk replaces the one place that reads like its old side.
 * A RangeError when a hunk fits nowhere or in several places.
 */
export function applyPatch(text: string, patch: string): string {
  return hunksOf(patch).reduce((patched, hunk) => replaceOnce(patched, hunk), text)
}

interface Hunk {
  readonly before: string
  readonly after: string
}

function hunksOf(patch: string): readonly Hunk[] {
  return patch
    .split(/^@@.*\n/m)
    .slice(1)
    .map((body) => ({ before: sideOf(body, '-'), after: sideOf(body, '+') }))
}

function sideOf(body: string, mark: '-' | '+'): string {
  return body
    .split('\n')
    .filter((line) => line.startsWith(' ') || line.startsWith(mark))
    .map((line) => `${line.slice(1)}\n`)
    .join('')
}

function replaceOnce(text: string, { before, after }: Hunk): string {
  const at = text.indexOf(before)
  if (before === '' || at === -1) throw new RangeError('the patch fits nowhere')
  if (text.indexOf(before, at + 1) !== -1) throw new RangeError('the patch fits in several places')
  return text.slice(0, at) + after + text.slice(at + before.length)
}
