import type { PbfReader } from 'pbf'
import type { AttributeValue } from '../trace/span.ts'
import { maxValueDepth, nextTag, readEnd, readInt64, readText, tooDeep } from './wire.ts'

/** Reads one KeyValue message up to `end` into `attributes`; of equal keys the last one stays. */
export function readKeyValue(
  reader: PbfReader,
  attributes: Map<string, AttributeValue>,
  depth: number,
): void {
  const end = readEnd(reader)
  let key = ''
  let value: AttributeValue = null
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    // field 1 is `key`, 2 is `value`
    if (tag === 0x0a) key = readText(reader)
    else if (tag === 0x12) value = readAnyValue(reader, depth)
    else reader.skip(tag)
  }
  attributes.set(key, value)
}

/** Reads one length-delimited AnyValue; `depth` counts the values that it lies in. */
function readAnyValue(reader: PbfReader, depth: number): AttributeValue {
  if (depth >= maxValueDepth) throw tooDeep()
  const end = readEnd(reader)
  let value: AttributeValue = null
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    switch (tag) {
      case 0x0a:
        value = readText(reader)
        break
      case 0x10:
        value = readInt64(reader) !== 0n
        break
      case 0x18:
        value = readInt64(reader)
        break
      case 0x21:
        value = reader.readDouble()
        break
      case 0x2a:
        value = readArray(reader, depth)
        break
      case 0x32:
        value = readMap(reader, depth)
        break
      case 0x3a:
        value = Uint8Array.from(reader.readBytes())
        break
      default:
        reader.skip(tag)
    }
  }
  return value
}

function readArray(reader: PbfReader, depth: number): AttributeValue {
  const end = readEnd(reader)
  const values: AttributeValue[] = []
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) values.push(readAnyValue(reader, depth + 1))
    else reader.skip(tag)
  }
  return values
}

function readMap(reader: PbfReader, depth: number): AttributeValue {
  const end = readEnd(reader)
  const values = new Map<string, AttributeValue>()
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) readKeyValue(reader, values, depth + 1)
    else reader.skip(tag)
  }
  return values
}
