/** The nearest of the allowed names to a mistyped one, undefined when none is near; the first of equals. */
export function nearest(name: string, allowed: readonly string[]): string | undefined {
  const typed = simplified(name)
  const limit = Math.min(4, Math.max(1, Math.floor(typed.length / 3)))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of allowed) {
    if (Math.abs(candidate.length - typed.length) > limit + 2) continue
    const distance = editDistance(typed, simplified(candidate))
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** `operationName`, `operation-name` and `operation_name` are the same to a person. */
function simplified(name: string): string {
  return name.replaceAll(/[-_ ]/g, '').toLowerCase()
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          at(previous, column) + 1,
          at(current, column - 1) + 1,
          at(previous, column - 1) + (same ? 0 : 1),
          swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
        ),
      )
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}
