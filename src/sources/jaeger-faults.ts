import { Fault } from '../trace/fault.ts'

/** What Jaeger says is wrong, with the status of HTTP that says of what sort it is. */
export interface SaidError {
  readonly code: number
  readonly message: string
}

/** The Fault of an error that Jaeger answered with; its message is shown in one line and not at any length. */
export function jaegerFault(from: string, { code, message }: SaidError): Fault {
  const said = message === '' ? '' : `: ${JSON.stringify(message.slice(0, 200))}`
  const text =
    said === ''
      ? `${from} answered ${code}, and not as Jaeger does`
      : `${from} answered ${code}${said}`
  if (code === 401 || code === 403) {
    return new Fault('SOURCE_REFUSED', text, { hint: 'are the credentials of the backend right?' })
  }
  if (code === 501) {
    return new Fault('SOURCE_INVALID', text, { hint: 'this Jaeger is configured without it' })
  }
  if (code >= 500) {
    return new Fault('SOURCE_UNAVAILABLE', text, { hint: 'is the storage of Jaeger healthy?' })
  }
  return new Fault('SOURCE_INVALID', text, {
    hint: 'is this the address of the query API of Jaeger, with its base path?',
  })
}

/** Reads an answer; what is malformed in it is a Fault SOURCE_INVALID of that source. */
export function readAs<T>(from: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'TRACE_INVALID') throw cause
    throw new Fault('SOURCE_INVALID', `${from} answered with what is ${cause.message}`, {
      hint: 'is this the address of the query API, and not of a page or a proxy?',
      cause,
    })
  }
}
