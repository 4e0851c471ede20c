import { Fault } from '../trace/fault.ts'

const MAX_DEPTH = 200

/** A Fault for a JSON value that nests so deeply that what writes YAML, which recurses, would fail. */
export function refuseDeep(value: unknown): void {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new Fault('TOO_LARGE', `a value nests deeper than ${MAX_DEPTH}`)
    level = level.flatMap(partsOf)
  }
}

function partsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}
