/** The value, which a test knows to be there. */
export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('there is no such value')
  return value
}
