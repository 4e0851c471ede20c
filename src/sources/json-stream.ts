import { Fault } from '../trace/fault.ts'

/**
 * The texts of the JSON documents in a stream of bytes, one behind the other or one a line; each as soon as it ends, so that no more
 * than one is held, of at most so many bytes (else a Fault TOO_LARGE). What is no document comes as a text of its own, if it is more than white space.
 */
export async function* jsonTexts(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  const held: Uint8Array[] = []
  let size = 0
  const endsAt = documentEnds()
  for await (const chunk of stream) {
    let start = 0
    for (let end = endsAt(chunk, 0); end !== -1; end = endsAt(chunk, end)) {
      yield textOf([...held, chunk.subarray(start, end)])
      held.length = 0
      size = 0
      start = end
    }
    held.push(chunk.subarray(start))
    size += chunk.length - start
    if (size > maxBytes) throw new Fault('TOO_LARGE', 'a JSON document is larger than can be held')
  }
  const rest = textOf(held)
  if (rest.trim() !== '') yield rest
}

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [
  0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d,
]

/** Finds where the next document ends in bytes that follow those it was asked of before; -1 when none does. */
function documentEnds(): (bytes: Uint8Array, from: number) => number {
  let [depth, isString, isEscaped] = [0, false, false]
  return (bytes, from) => {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      if (isEscaped) isEscaped = false
      else if (byte === quote) isString = !isString
      else if (isString) isEscaped = byte === backslash
      else if (byte === openBrace || byte === openBracket) depth += 1
      else if (byte === closeBrace || byte === closeBracket) {
        depth = Math.max(depth - 1, 0)
        if (depth === 0) return at + 1
      }
    }
    return -1
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch (cause) {
    throw new Fault('TRACE_INVALID', 'the text is not UTF-8', { cause })
  }
}
