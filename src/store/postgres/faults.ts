import { Fault } from '../../trace/fault.ts'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const diskFull = '53100'
const worldClasses: ReadonlyMap<string, string> = new Map([
  ['08', 'the connection failed'],
  ['25', 'it is read-only'],
  ['28', 'it refuses the user or the password'],
  ['3D', 'there is no such database'],
  ['40', 'others wrote the same at every attempt'],
  ['53', 'it has no resources left'],
  ['55', 'others keep it locked'],
  ['57', 'it does not answer in time or shuts down'],
  ['58', 'its system reports an error'],
  ['F0', 'its configuration is damaged'],
  ['XX', 'its data is damaged'],
])
const denied = '42501'
const deadlock: ReadonlySet<string> = new Set(['40001', '40P01'])

/** Whether the same work may succeed when it is done again: it met another's, or its connection was lost. */
export function mayRetry(cause: unknown): 'conflict' | 'connection' | undefined {
  if (!(cause instanceof Error) || cause instanceof Fault) return undefined
  const state = stateOf(cause)
  if (state !== undefined && deadlock.has(state)) return 'conflict'
  if (state === undefined) return isLost(cause) ? 'connection' : undefined
  // https://www.postgresql.org/docs/current/errcodes-appendix.html: admin_shutdown, crash_shutdown, cannot_connect_now
  return state.startsWith('08') || /^57P0[123]$/.test(state) ? 'connection' : undefined
}

/** What the server or the way to it does wrong as a Fault; `shown` names the server. A bug of ours stays what it is. */
export function faultOf(cause: unknown, shown: string): unknown {
  if (!(cause instanceof Error) || cause instanceof Fault) return cause
  const state = stateOf(cause)
  if (state === undefined) {
    return isLost(cause) ? unavailable(`${shown}: ${cause.message}`, cause) : cause
  }
  if (state === diskFull) {
    return new Fault('STORE_FULL', `the store at ${shown} cannot be written: its disk is full`, {
      cause,
    })
  }
  if (state === denied) return unavailable(`${shown}: ${cause.message}`, cause)
  const reason = worldClasses.get(state.slice(0, 2))
  return reason === undefined ? cause : unavailable(`${shown}: ${reason}`, cause)
}

function unavailable(reason: string, cause: Error): Fault {
  return new Fault('STORE_UNAVAILABLE', `the store cannot be used: ${reason}`, {
    hint: 'start that database, or correct store: in tracespec.yaml; without it captures stay in .tracespec',
    cause,
  })
}

/** The five characters of a server's error; undefined for what is none. */
function stateOf(cause: Error): string | undefined {
  const code = 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in cause
    ? code
    : undefined
}

/** The client's own errors have no code: https://github.com/brianc/node-postgres, pg/lib/client.js and pg-pool/index.js */
const lost =
  /^(?:Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded when trying to connect|Query read timeout|The server does not support SSL connections|There was an error establishing an SSL connection|SASL: )/

function isLost(cause: Error): boolean {
  if (cause instanceof AggregateError)
    return cause.errors.some((one) => one instanceof Error && isLost(one))
  return lost.test(cause.message) || 'syscall' in cause || isTls(cause)
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes and OpenSSL's own. */
function isTls(cause: Error): boolean {
  const code = 'code' in cause ? String(cause.code) : ''
  return /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)
}
