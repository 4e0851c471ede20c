/** The first difference that is not 0: for comparators with tie-breaks. */
export function firstDifference(...differences: readonly number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0
}
