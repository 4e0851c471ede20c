/** The lines in which two texts differ, as `- before` and `+ after`; what they have in common is left out. */
export function lineDifference(before: string, after: string): readonly string[] {
  const old = before.split('\n')
  const now = after.split('\n')
  const most = Math.min(old.length, now.length)
  let start = 0
  while (start < most && old[start] === now[start]) start += 1
  let end = 0
  while (end < most - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1
  return between(old.slice(start, old.length - end), now.slice(start, now.length - end))
}

// Beyond it the table of the longest common part would cost more than its answer helps.
const MAX_CELLS = 1_000_000

function between(old: readonly string[], now: readonly string[]): readonly string[] {
  const isLarge = old.length * now.length > MAX_CELLS
  const common = isLarge ? undefined : commonLengths(old, now)
  const lines: string[] = []
  let [from, to] = [0, 0]
  while (from < old.length || to < now.length) {
    if (common !== undefined && from < old.length && old[from] === now[to]) {
      from += 1
      to += 1
    } else if (from < old.length && !isBetterLater(common, { from, to, width: now.length + 1 })) {
      lines.push(`- ${old[from]}`)
      from += 1
    } else {
      lines.push(`+ ${now[to]}`)
      to += 1
    }
  }
  return lines
}

/** Row by row, how many lines the rest of `old` and the rest of `now` have in common, in order. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint32Array {
  const width = now.length + 1
  const lengths = new Uint32Array((old.length + 1) * width)
  for (let from = old.length - 1; from >= 0; from -= 1) {
    for (let to = now.length - 1; to >= 0; to -= 1) {
      const cell = from * width + to
      const [below, right] = [lengths[cell + width] ?? 0, lengths[cell + 1] ?? 0]
      const isSame = old[from] === now[to]
      lengths[cell] = isSame ? (lengths[cell + width + 1] ?? 0) + 1 : Math.max(below, right)
    }
  }
  return lengths
}

/** Whether more stays in common when the line of `now` is told first. */
function isBetterLater(
  common: Uint32Array | undefined,
  { from, to, width }: { readonly from: number; readonly to: number; readonly width: number },
): boolean {
  if (common === undefined || to >= width - 1) return false
  const cell = from * width + to
  return (common[cell + 1] ?? 0) > (common[cell + width] ?? 0)
}
