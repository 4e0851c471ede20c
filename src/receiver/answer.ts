import type { IncomingMessage } from 'node:http'
import { type Encoding, exportResponse, statusBody } from '../otlp/answers.ts'
import { requestFromJson } from '../otlp/from-json.ts'
import { Fault } from '../trace/fault.ts'
import type { Accepted, Signal, TelemetrySink } from '../trace/ports.ts'
import { cut, encodingOf, readBody } from './body.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Undefined for what was not taken in. */
  readonly accepted: Accepted | undefined
}

export interface Intake {
  readonly sink: TelemetrySink
  readonly runId: string | null
  readonly maxBytes: number
}

const signals: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
])

/** The signal that a request's path is for. */
export function signalOf(request: IncomingMessage): Signal | undefined {
  return signals.get((request.url ?? '').split('?', 1)[0] ?? '')
}

/** The media type of a request in lower case, without parameters. */
export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['application/x-protobuf', 'protobuf'],
  ['application/json', 'json'],
])

/**
 * Takes a request in and says what to answer, by https://opentelemetry.io/docs/specs/otlp/#otlphttp-response. An answer of
 * success means that the sink has committed. `cut` when the sender went away.
 */
export async function answer(
  request: IncomingMessage,
  intake: Intake,
): Promise<Answer | typeof cut> {
  const signal = signalOf(request)
  const encoding = encodings.get(mediaTypeOf(request))
  if (signal === undefined) return refusal(404, 'no such path', { encoding })
  if (request.method !== 'POST')
    return refusal(405, 'only POST', { encoding, headers: { allow: 'POST' } })
  if (encoding === undefined) {
    return refusal(415, 'the content type is neither application/x-protobuf nor application/json')
  }
  if (!['identity', 'gzip'].includes(encodingOf(request))) {
    return refusal(415, 'the content encoding is neither identity nor gzip', { encoding })
  }
  try {
    const body = await readBody(request, intake.maxBytes)
    if (body === cut) return cut
    const protobuf = encoding === 'json' ? requestFromJson(textOf(body), signal) : body
    const accepted = await intake.sink.write(signal, protobuf, intake.runId)
    return {
      status: 200,
      headers: { 'content-type': mediaTypes[encoding] },
      body: exportResponse(signal, accepted, encoding),
      accepted,
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    return refusalOf(cause, encoding)
  }
}

const mediaTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new Fault('TRACE_INVALID', 'the text is not UTF-8', { cause })
  }
}

/** What lies with the sender is final; a store that cannot be written now may be tried again. */
function refusalOf(fault: Fault, encoding: Encoding): Answer {
  if (fault.code === 'TRACE_INVALID') return refusal(400, fault.message, { encoding })
  if (fault.code === 'TOO_LARGE') return refusal(413, fault.message, { encoding })
  return refusal(503, fault.message, { encoding, headers: { 'retry-after': '1' } })
}

type Refusal = 400 | 404 | 405 | 413 | 415 | 503

/** By https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const rpcCodes: Readonly<Record<Refusal, number>> = {
  400: 3,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  503: 14,
}

interface RefusalDetails {
  /** JSON when the request has none that is known. */
  readonly encoding?: Encoding | undefined
  readonly headers?: Readonly<Record<string, string>>
}

function refusal(status: Refusal, message: string, details: RefusalDetails = {}): Answer {
  const { encoding = 'json', headers } = details
  return {
    status,
    headers: { 'content-type': mediaTypes[encoding], ...headers },
    body: statusBody(rpcCodes[status], message, encoding),
    accepted: undefined,
  }
}
