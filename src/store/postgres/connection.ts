import type { ClientConfig, PoolConfig } from 'pg'
import { Fault } from '../../trace/fault.ts'

/** How long is waited for what; the embedded store's `busyTimeoutMs` in parts. */
export interface Timeouts {
  readonly connectMs: number
  readonly statementMs: number
  readonly lockMs: number
}

/** A server that a URL names. */
export interface Server {
  /** Host, port and database, without credentials: all of the URL that may be shown. */
  readonly shown: string
  readonly config: ClientConfig
}

/** This machine, or a socket of it. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|%2f.*|)$/i

/** What may stand after `?`; `pg` would take its `host` and others from there too, whatever the URL seems to say. */
const parameters: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey'])

/**
 * Reads `postgres://user:password@host:port/database?sslmode=...`. TLS with a verified certificate is used to every host but this
 * one unless `sslmode` says otherwise. A Fault USAGE, which does not show the URL, for another form.
 */
export function serverAt(text: string, { connectMs, statementMs, lockMs }: Timeouts): Server {
  const url = URL.parse(text)
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new Fault('USAGE', 'the URL of the store is none of PostgreSQL', {
      hint: 'write store: postgres://USER:${PASSWORD}@HOST/DATABASE',
    })
  }
  const unknown = url.searchParams.keys().find((name) => !parameters.has(name))
  if (unknown !== undefined) {
    throw new Fault('USAGE', `the URL of the store has the unknown parameter ${unknown}`, {
      hint: `it may have ${[...parameters].join(', ')}`,
    })
  }
  if (!loopback.test(url.hostname) && !url.searchParams.has('sslmode')) {
    url.searchParams.set('sslmode', 'verify-full')
  }
  return {
    shown: `${url.host}${url.pathname}`,
    config: {
      connectionString: url.href,
      connectionTimeoutMillis: connectMs,
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: statementMs,
      // a server that is gone without a word answers none of the above
      query_timeout: statementMs + connectMs,
      keepAlive: true,
      application_name: 'tracespec',
    },
  }
}

/** As many as write at once from one process; a team shares the server's. */
export const pooled: Pick<PoolConfig, 'max' | 'idleTimeoutMillis'> = {
  max: 4,
  idleTimeoutMillis: 10_000,
}
