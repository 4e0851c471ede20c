import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Fault } from '../trace/fault.ts'

/** The sender closed the connection before its request was complete. */
export const cut: unique symbol = Symbol('cut')

/**
 * The body of a request, decompressed; `cut` when it never came whole. A Fault TOO_LARGE as soon as it is longer than
 * `maxBytes`, before or after decompression, and TRACE_INVALID when it is no gzip.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | typeof cut> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const body = await collect(request, maxBytes)
  if (body === cut || encodingOf(request) === 'identity') return body
  return inflate(body, maxBytes)
}

/** The content encoding in lower case; `identity` when none is named. */
export function encodingOf(request: IncomingMessage): string {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? ''
  return encoding === '' ? 'identity' : encoding
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer | typeof cut> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // the connection must live on, for the answer still has to go out on it
    const received: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
    for await (const chunk of received) {
      size += chunk.length
      if (size > maxBytes) break
      chunks.push(chunk)
    }
  } catch (cause) {
    if (request.complete) throw cause
    return cut
  }
  if (size <= maxBytes) return Buffer.concat(chunks)
  request.resume()
  throw tooLarge(maxBytes)
}

const inflateBounded = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

async function inflate(body: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await inflateBounded(body, { maxOutputLength: maxBytes })
  } catch (cause) {
    const isTooLarge =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
    if (isTooLarge) throw tooLarge(maxBytes)
    throw new Fault('TRACE_INVALID', 'the body is no gzip', { cause })
  }
}

function tooLarge(maxBytes: number): Fault {
  return new Fault('TOO_LARGE', `a request may have ${maxBytes} bytes, also after decompression`)
}
