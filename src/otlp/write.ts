import type { PbfWriter } from 'pbf'

/** An int64 or uint64 as a varint, with all its digits. */
export function writeInt64(writer: PbfWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, value)
  writer.realloc(10)
  while (rest > 0x7fn) {
    writer.buf[writer.pos++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  writer.buf[writer.pos++] = Number(rest)
}

/** A fixed64 or sfixed64. */
export function writeFixed64(writer: PbfWriter, value: bigint): void {
  const bits = BigInt.asUintN(64, value)
  writer.writeFixed32(Number(bits & 0xffffffffn))
  writer.writeFixed32(Number(bits >> 32n))
}

const utf8 = new TextEncoder()

/** Text as UTF-8, not by pbf, which garbles what lies beyond U+1FFFF; a lone surrogate becomes U+FFFD. */
export function writeText(writer: PbfWriter, text: string): void {
  writer.writeBytes(utf8.encode(text))
}
