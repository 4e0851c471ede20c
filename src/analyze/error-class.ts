import type { Span } from '../trace/span.ts'
import { exceptionTypes } from '../verify/error-spans.ts'
import { lookUpTag } from '../verify/lookup.ts'
import { shownValue } from '../verify/shown.ts'
import type { ErrorCategory, ErrorClass } from './trace-analysis.ts'

/** Whether a span failed: by its status, and where none was set by a response that is the server's fault. */
export function hasFailed(span: Span): boolean {
  if (span.status.code !== 'unset') return span.status.code === 'error'
  return (httpStatus(span) ?? 0) >= 500
}

/** What sort of error a failed span tells of: its codes say most, then the type of its exception, then its message. */
export function errorClassOf(span: Span): ErrorClass {
  const [type] = exceptionTypes(span)
  const http = httpStatus(span)
  const rpc = rpcStatus(span)
  const description = descriptionOf(span)
  const category =
    httpCategory(http) ??
    rpcCategory(rpc) ??
    wordCategory(type) ??
    (isName(type) ? 'exception' : (wordCategory(description) ?? 'unspecified'))
  return {
    category,
    exception_type: type === undefined ? null : textOf(type),
    http_status: http ?? null,
    rpc_status: rpc === undefined ? null : (GRPC[rpc]?.[0] ?? rpc),
    description: textOf(description),
  }
}

function textOf(text: string): string {
  return String(shownValue(text))
}

function httpStatus(span: Span): number | undefined {
  const { value } = lookUpTag(span, 'http.response.status_code')
  const status = Number(typeof value === 'boolean' || value === null ? undefined : value)
  return Number.isInteger(status) && status >= 100 && status < 600 ? status : undefined
}

// opentelemetry.io/docs/specs/semconv/rpc: the name was `rpc.grpc.status_code` and its value a number before 1.38.
const RPC_STATUS = ['rpc.response.status_code', 'rpc.grpc.status_code']

/** The code of a gRPC status where it is one, else the recorded text. */
function rpcStatus(span: Span): string | undefined {
  const value = RPC_STATUS.map((name) => span.attributes.get(name)).find(
    (found) => typeof found === 'string' || typeof found === 'bigint' || typeof found === 'number',
  )
  if (value === undefined) return undefined
  const text = textOf(String(value)).toUpperCase()
  return Object.keys(GRPC).find((code) => GRPC[code]?.[0] === text) ?? text
}

// grpc.github.io/grpc/core/md_doc_statuscodes.html, with what it means for the caller.
const GRPC: Readonly<Record<string, readonly [name: string, category: ErrorCategory]>> = {
  '1': ['CANCELLED', 'cancelled'],
  '2': ['UNKNOWN', 'server_error'],
  '3': ['INVALID_ARGUMENT', 'client_error'],
  '4': ['DEADLINE_EXCEEDED', 'timeout'],
  '5': ['NOT_FOUND', 'client_error'],
  '6': ['ALREADY_EXISTS', 'client_error'],
  '7': ['PERMISSION_DENIED', 'client_error'],
  '8': ['RESOURCE_EXHAUSTED', 'unavailable'],
  '9': ['FAILED_PRECONDITION', 'client_error'],
  '10': ['ABORTED', 'server_error'],
  '11': ['OUT_OF_RANGE', 'client_error'],
  '12': ['UNIMPLEMENTED', 'server_error'],
  '13': ['INTERNAL', 'server_error'],
  '14': ['UNAVAILABLE', 'unavailable'],
  '15': ['DATA_LOSS', 'server_error'],
  '16': ['UNAUTHENTICATED', 'client_error'],
}

function rpcCategory(code: string | undefined): ErrorCategory | undefined {
  return code === undefined ? undefined : GRPC[code]?.[1]
}

const HTTP: Readonly<Record<number, ErrorCategory>> = {
  408: 'timeout',
  429: 'unavailable',
  499: 'cancelled',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
}

function httpCategory(status: number | undefined): ErrorCategory | undefined {
  if (status === undefined || status < 400) return undefined
  return HTTP[status] ?? (status < 500 ? 'client_error' : 'server_error')
}

const WORDS: readonly (readonly [pattern: RegExp, category: ErrorCategory])[] = [
  [/time-?out|timed ?out|deadline.?exceeded/i, 'timeout'],
  [/cancel|abort/i, 'cancelled'],
  [/ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|unavailable|connect/i, 'unavailable'],
]

function wordCategory(text: string | undefined): ErrorCategory | undefined {
  if (text === undefined) return undefined
  return WORDS.find(([pattern]) => pattern.test(text))?.[1]
}

/** The semantic conventions allow a status code and `_OTHER` as an `error.type`. */
function isName(type: string | undefined): boolean {
  return type !== undefined && type !== '_OTHER' && !/^\d+$/.test(type)
}

function descriptionOf(span: Span): string {
  const thrown = span.events
    .filter((event) => event.name === 'exception')
    .map((event) => event.attributes.get('exception.message'))
    .find((message) => typeof message === 'string')
  return thrown ?? span.status.message
}
