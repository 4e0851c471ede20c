/** The first difference that is not 0: for comparators with tie-breaks. */
export function firstDifference(...differences: readonly number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0
}

export type Order<T> = (a: T, b: T) => number

/** An order that asks each of its parts only where those before it see no difference. */
export function inTurn<T>(...parts: readonly Order<T>[]): Order<T> {
  return (a, b) => {
    for (const part of parts) {
      const difference = part(a, b)
      if (difference !== 0) return difference
    }
    return 0
  }
}

/** Orders by a text (by code unit) or an integer. */
export function by<T, K extends string | bigint>(key: (value: T) => K): Order<T> {
  return (a, b) => {
    const [one, other] = [key(a), key(b)]
    if (one === other) return 0
    return one < other ? -1 : 1
  }
}
