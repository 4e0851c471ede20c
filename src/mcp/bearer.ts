import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Fault } from '../trace/fault.ts'

/** Holds the token when a host must know it beforehand. */
export const TOKEN_VARIABLE = 'TRACESPEC_MCP_TOKEN'

const MIN_TOKEN = 32

/** 256 bit of chance, as a header can carry it. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A token that was given; a Fault when it can be guessed or no header can carry it. */
export function checkToken(token: string): string {
  if (token.length >= MIN_TOKEN && /^[\w.~+/-]+=*$/.test(token)) return token
  throw new Fault('USAGE', `${TOKEN_VARIABLE} is no good token`, {
    hint: `give at least ${MIN_TOKEN} letters and digits, as openssl rand -hex 32 writes them`,
  })
}

/** Whether an `Authorization` header carries the token; how long that takes tells nothing of it. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const [, given] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? []
  return given !== undefined && timingSafeEqual(digestOf(given), digestOf(token))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
