import { request as plainRequest, type Agent, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { Fault } from '../trace/fault.ts'
import type { HttpAnswer } from './http-answer.ts'
import { shownUrl } from './http-faults.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

export interface Exchanging {
  readonly agent: Agent
  readonly signal: AbortSignal
  /** The most bytes of an answer, before and after decompression. */
  readonly maxBytes: number
}

/** What is asked for; Node has zstd since 22.15. */
export const acceptedEncodings: string = 'zstdDecompress' in zlib ? 'gzip, zstd' : 'gzip'

/** One request and its answer, redirects not followed. Rejects with the error of the connection, or a Fault of the body. */
export async function exchange(
  asked: HttpRequest,
  { agent, signal, maxBytes }: Exchanging,
): Promise<HttpAnswer> {
  const { url, method, headers, body } = asked
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest
    const sent = send(url, { method, headers, agent, signal })
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
  const raw = await collect(message, url, maxBytes)
  return {
    status: message.statusCode ?? 0,
    contentType: (message.headers['content-type'] ?? '')
      .split(';', 1)
      .join('')
      .trim()
      .toLowerCase(),
    headers: message.headers,
    body: await decompressed(raw, message.headers['content-encoding'], { url, maxBytes }),
    from: shownUrl(url),
  }
}

/** The body as it came; the connection is closed as soon as it is too long. */
async function collect(message: IncomingMessage, url: URL, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = Number(message.headers['content-length'] ?? 0) > maxBytes ? Infinity : 0
  const received: AsyncIterable<Buffer> = message
  if (size === 0) {
    for await (const chunk of received) {
      size += chunk.length
      if (size > maxBytes) break
      chunks.push(chunk)
    }
  }
  if (size <= maxBytes) return Buffer.concat(chunks)
  message.destroy()
  throw tooLarge(url, maxBytes)
}

interface Decompressing {
  readonly url: URL
  readonly maxBytes: number
}

async function decompressed(
  raw: Buffer,
  encoding: string | undefined,
  { url, maxBytes }: Decompressing,
): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? ''
  // An answer without a body may name the encoding that it would have had.
  if (name === '' || name === 'identity' || raw.length === 0) return raw
  const decompress = decompressors[name]
  if (decompress === undefined) {
    throw new Fault(
      'SOURCE_INVALID',
      `${shownUrl(url)} answered in the encoding ${JSON.stringify(name)}`,
      {
        hint: `it was asked for ${acceptedEncodings}; is a proxy in between?`,
      },
    )
  }
  try {
    return await decompress(raw, { maxOutputLength: maxBytes })
  } catch (cause) {
    const isTooLarge =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
    if (isTooLarge) throw tooLarge(url, maxBytes)
    throw new Fault('SOURCE_INVALID', `what ${shownUrl(url)} answered is damaged ${name}`, {
      cause,
    })
  }
}

type Decompress = (raw: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const gunzip: Decompress = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)

const decompressors: Readonly<Record<string, Decompress>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  ...('zstdDecompress' in zlib && {
    zstd: promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress),
  }),
}

function tooLarge(url: URL, maxBytes: number): Fault {
  const limit = `${Math.floor(maxBytes / (1024 * 1024))} MiB`
  return new Fault('TOO_LARGE', `${shownUrl(url)} answers with more than ${limit}`, {
    hint: 'ask for less: one trace by its id, or a search with a smaller limit or time range',
  })
}
