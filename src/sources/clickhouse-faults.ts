import { Fault } from '../trace/fault.ts'
import { failureOf, shownUrl } from './http-faults.ts'

// https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
const refused: ReadonlySet<string> = new Set([
  '164',
  '192',
  '193',
  '194',
  '195',
  '497',
  '516',
  '519',
])
const missing: ReadonlySet<string> = new Set(['16', '47', '60', '81'])
const tooLarge: ReadonlySet<string> = new Set(['158', '307', '396'])
const passing: ReadonlySet<string> = new Set([
  '159',
  '160',
  '202',
  '203',
  '209',
  '210',
  '236',
  '241',
  '242',
  '243',
  '439',
])

/** Whether the same question may be answered at the next attempt. */
export function mayPass(cause: unknown, url: URL): boolean {
  if (!(cause instanceof Error) || cause instanceof Fault) return false
  const code = codeOf(cause)
  if (code !== undefined && /^\d+$/.test(code)) return passing.has(code) && code !== '159'
  return code !== undefined && failureOf(cause, url).isPassing
}

/** What the server or the way to it does wrong; the server's own words may hold the question, so that its code stands for them. */
export function faultOf(cause: unknown, url: URL): unknown {
  if (!(cause instanceof Error) || cause instanceof Fault) return cause
  const code = codeOf(cause)
  const shown = shownUrl(url)
  if (code === undefined) {
    const hint = 'is this the HTTP port of ClickHouse (8123 or 8443)?'
    return new Fault('SOURCE_INVALID', `${shown} does not answer as ClickHouse does`, { hint })
  }
  if (!/^\d+$/.test(code)) return failureOf(cause, url).fault
  const name = 'type' in cause && typeof cause.type === 'string' ? ` ${cause.type}` : ''
  const what = `${shown} answered with error ${code}${name}`
  if (refused.has(code)) {
    const hint = 'are the credentials of the backend right, and may they read the tables of traces?'
    return new Fault('SOURCE_REFUSED', what, { hint })
  }
  if (missing.has(code)) {
    const hint =
      'name the database that the OpenTelemetry exporter writes to, as database: otel of the backend'
    return new Fault('SOURCE_INVALID', what, { hint })
  }
  if (tooLarge.has(code)) return new Fault('TOO_LARGE', what, { hint: 'ask for less time' })
  if (passing.has(code)) {
    const hint = 'try again, or ask for less: a service, an operation, a time'
    return new Fault('SOURCE_UNAVAILABLE', what, { hint })
  }
  return new Fault('SOURCE_INVALID', what)
}

/** The number of the server's error, or the code of the connection's. */
function codeOf(cause: Error): string | undefined {
  return 'code' in cause && typeof cause.code === 'string' && cause.code !== ''
    ? cause.code
    : undefined
}
