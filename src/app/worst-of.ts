/** What has a place among others; the highest is the worst. */
export interface Ranked {
  readonly rank: number
}

/** The worst of many, the first of equals before the others. */
export function worstOf<T extends Ranked>(
  most: number,
): { readonly add: (item: T) => void; readonly items: () => readonly T[] } {
  let kept: readonly T[] = []
  return {
    add: (item) => {
      const last = kept.at(-1)
      if (kept.length >= most && last !== undefined && last.rank >= item.rank) return
      kept = [...kept, item].toSorted((a, b) => b.rank - a.rank).slice(0, most)
    },
    items: () => kept,
  }
}
