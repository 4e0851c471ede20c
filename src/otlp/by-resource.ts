import { concat } from './concat.ts'
import { cursorAt, nextField } from './cursor.ts'
import { decodeResource } from './decode.ts'

const resourceGroup = 0x0a

/**
 * An export request of any signal as one request for each text that an attribute has in its resources; `undefined` for those
 * without it. Other fields go with the first. A Fault TRACE_INVALID when it is no request.
 */
export function splitByResource(
  request: Uint8Array,
  attribute: string,
): ReadonlyMap<string | undefined, Uint8Array> {
  const parts = new Map<string | undefined, Uint8Array[]>()
  const rest: Uint8Array[] = []
  const cursor = cursorAt(request, 0)
  let start = 0
  for (
    let tag = nextField(cursor, request.length);
    tag !== 0;
    tag = nextField(cursor, request.length)
  ) {
    const field = request.subarray(start, cursor.valueEnd)
    start = cursor.valueEnd
    if (tag !== resourceGroup) {
      rest.push(field)
      continue
    }
    const value = decodeResource(request.subarray(cursor.pos, cursor.valueEnd)).attributes.get(
      attribute,
    )
    const key = typeof value === 'string' ? value : undefined
    const part = parts.get(key) ?? rest.splice(0)
    part.push(field)
    parts.set(key, part)
  }
  if (parts.size <= 1) return new Map([[parts.keys().next().value, request]])
  parts
    .values()
    .next()
    .value?.push(...rest)
  return new Map([...parts].map(([key, fields]) => [key, concat(fields)]))
}
