import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { Fault } from '../trace/fault.ts'
import type { Endpoint, TlsFiles } from './endpoint.ts'

/**
 * The connections to one endpoint, to be destroyed in the end. A server over TLS must show a certificate that is trusted, whatever
 * NODE_TLS_REJECT_UNAUTHORIZED says. A Fault FILE_UNREADABLE for what is no certificate or key.
 */
export function agentOf({ url, tls }: Endpoint): Agent {
  const pool = {
    keepAlive: true,
    maxSockets: 4,
    ...(url.hostname === 'localhost' && { lookup: thisMachine }),
  }
  if (url.protocol !== 'https:') return new Agent(pool)
  return new TlsAgent({ ...pool, rejectUnauthorized: true, secureContext: secureContextOf(tls) })
}

/** A Fault FILE_UNREADABLE for PEM texts that are none, or a key that is not that of the certificate. */
export function secureContextOf(tls: TlsFiles | undefined): SecureContext {
  try {
    return createSecureContext({
      ...(tls?.ca !== undefined && { ca: tls.ca }),
      ...(tls?.cert !== undefined && { cert: tls.cert }),
      ...(tls?.key !== undefined && { key: tls.key }),
    })
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', 'the files of tls: of the backend cannot be used', {
      hint: 'are they PEM texts without a passphrase, and is the key that of the certificate?',
      cause,
    })
  }
}

/** RFC 6761, 6.3: whatever a hosts file says, what is sent to localhost stays on this machine. */
const thisMachine: LookupFunction = (_, { all }, done) => {
  if (all === true) done(null, loopback)
  else done(null, '127.0.0.1', 4)
}

const loopback = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
