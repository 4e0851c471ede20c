import { Fault } from '../trace/fault.ts'

/** The address without its query, which may hold what a user searched for, and without user information. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** Why no answer came, in the words of the failure; `isPassing` when it may come at the next attempt. */
export interface Failure {
  readonly fault: Fault
  readonly isPassing: boolean
}

/** A failure of the connection, by its code (`errno`, OpenSSL, llhttp). */
export function failureOf(cause: unknown, url: URL): Failure {
  const code = codeOf(cause)
  const refused = (what: string, hint: string): Failure => ({
    fault: new Fault('SOURCE_REFUSED', what, { hint, cause }),
    isPassing: false,
  })
  const unavailable = (what: string, hint: string, isPassing = false): Failure => ({
    fault: new Fault('SOURCE_UNAVAILABLE', what, { hint, cause }),
    isPassing,
  })
  if (code === 'ECONNREFUSED') {
    return unavailable(`nothing listens on ${url.host}`, 'start the backend or correct its address')
  }
  if (code === 'ENOTFOUND') {
    return unavailable(`no host is named ${url.hostname}`, 'correct the address of the backend')
  }
  if (code === 'EAI_AGAIN') {
    return unavailable(`the name ${url.hostname} cannot be looked up now`, networkHint, true)
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return unavailable(`${url.host} cut the connection off`, networkHint, true)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return refused(
      `the certificate that ${url.host} shows is made out to another name`,
      'name the backend as its certificate does; somebody else may be answering',
    )
  }
  if (certificateCodes.test(code)) {
    return refused(
      `the certificate that ${url.host} shows is not trusted: ${code}`,
      'name the authority that signed it in tls: {ca: FILE} of the backend',
    )
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return refused(
      `${url.host} and tracespec found no common TLS`,
      'does it speak http: rather than https:, or ask for a client certificate (tls: {cert, key})?',
    )
  }
  if (code.startsWith('HPE_')) {
    return {
      fault: new Fault('SOURCE_INVALID', `what ${url.host} answers is no HTTP`, {
        hint: 'is this the port of the query API, and http: or https: as it speaks?',
        cause,
      }),
      isPassing: false,
    }
  }
  return unavailable(`no answer from ${url.host}: ${code}`, networkHint)
}

const networkHint = 'try again; is the backend healthy and the way to it open?'

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET|CRL/

function codeOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}
