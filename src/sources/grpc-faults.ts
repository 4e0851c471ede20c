import type { ServiceError } from '@grpc/grpc-js'
import { Fault, type FaultCode } from '../trace/fault.ts'
import type { Endpoint } from './endpoint.ts'

/** Why a call failed; `isPassing` when it may succeed at the next attempt. */
export interface GrpcFailure {
  readonly fault: Fault
  readonly isPassing: boolean
}

interface Meaning {
  readonly code: FaultCode
  readonly hint: string
}

const unavailable: Meaning = {
  code: 'SOURCE_UNAVAILABLE',
  hint: 'try again; is the backend healthy and the way to it open?',
}
const refused: Meaning = {
  code: 'SOURCE_REFUSED',
  hint: 'are the credentials of the backend right, and may they read traces?',
}
const invalid: Meaning = {
  code: 'SOURCE_INVALID',
  hint: 'is this the gRPC port of the query API of this backend?',
}
const tooLarge: Meaning = {
  code: 'TOO_LARGE',
  hint: 'ask for less: one trace by its id, or a search with a smaller limit or time range',
}
const untrusted: Meaning = {
  code: 'SOURCE_REFUSED',
  hint: 'name the backend as its certificate does, and the authority that signed it in tls: {ca: FILE}',
}
const noTls: Meaning = {
  code: 'SOURCE_REFUSED',
  hint: 'does it speak with TLS (grpcs:, https:) or without it (grpc:, http:)?',
}
const noGrpc: Meaning = {
  code: 'SOURCE_INVALID',
  hint: 'what listens there speaks no gRPC; is it the port of HTTP (http:) rather than that of gRPC (usually 16685)?',
}
const silent: Meaning = {
  code: 'SOURCE_UNAVAILABLE',
  hint: 'start the backend or correct its address',
}

/** By number: https://grpc.io/docs/guides/status-codes/ */
const meanings: readonly Meaning[] = [
  /* OK, without an answer */ invalid,
  /* CANCELLED */ unavailable,
  /* UNKNOWN */ unavailable,
  /* INVALID_ARGUMENT */ invalid,
  /* DEADLINE_EXCEEDED */ {
    code: 'SOURCE_UNAVAILABLE',
    hint: 'is the backend healthy? timeout_ms of the backend gives it more time',
  },
  /* NOT_FOUND */ invalid,
  /* ALREADY_EXISTS */ invalid,
  /* PERMISSION_DENIED */ refused,
  /* RESOURCE_EXHAUSTED */ unavailable,
  /* FAILED_PRECONDITION */ invalid,
  /* ABORTED */ unavailable,
  /* OUT_OF_RANGE */ invalid,
  /* UNIMPLEMENTED */ invalid,
  /* INTERNAL */ unavailable,
  /* UNAVAILABLE */ unavailable,
  /* DATA_LOSS */ unavailable,
  /* UNAUTHENTICATED */ refused,
]

/** The Fault of a call that ended with a status; what the server says is shown in one line and not at any length. */
export function grpcFailureOf(error: ServiceError, { url }: Endpoint): GrpcFailure {
  const { code, details } = error
  const ofConnection = ofDetails(details)
  const { code: fault, hint } = ofConnection ?? meanings[code] ?? unavailable
  const said = details === '' ? '' : `: ${JSON.stringify(details.slice(0, 200))}`
  return {
    fault: new Fault(fault, `${url.host} answered with gRPC status ${code}${said}`, {
      hint,
      cause: error,
    }),
    isPassing: ofConnection === undefined && passing.has(code),
  }
}

/** RESOURCE_EXHAUSTED and UNAVAILABLE: a server that has too much to do, or begins. */
const passing: ReadonlySet<number> = new Set([8, 14])

/** What the library itself says, of the message or of the connection. */
function ofDetails(details: string): Meaning | undefined {
  if (/message larger than max/i.test(details)) return tooLarge
  if (/certificate|altnames|self.signed|unable to (?:verify|get)/i.test(details)) return untrusted
  if (/EPROTO|wrong version number|SSL routines|packet length too long/i.test(details)) return noTls
  if (/protocol error/i.test(details)) return noGrpc
  return /ECONNREFUSED|ENOTFOUND|name resolution failed/i.test(details) ? silent : undefined
}
