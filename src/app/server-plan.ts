import { RE2JS, RE2JSSyntaxException } from 're2js'
import type { Drive, ReadySign, ServerPlan } from '../trace/drive.ts'
import { Fault } from '../trace/fault.ts'
import { splitWords } from './split-words.ts'

/** What a user writes of a command that serves. */
export interface ServerWritten {
  readonly readyUrl: string | undefined
  /** An RE2 expression, found anywhere in a line of output. */
  readonly readyLog: string | undefined
  readonly readyTimeoutMs: number | undefined
  /** Each `METHOD URL [BODY]` or a command line. */
  readonly drives: readonly string[]
}

const READY_TIMEOUT_MS = 30_000

/** How the door calls what is written, and a whole call that is right. */
export interface ServerWords {
  readonly readyUrl: string
  readonly readyLog: string
  readonly drive: string
  readonly example: string
}

const options: ServerWords = {
  readyUrl: '--ready-url',
  readyLog: '--ready-log',
  drive: '--drive',
  example:
    "tracespec run --ready-url http://localhost:3000 --drive 'GET http://localhost:3000/' -- npm start",
}

/** The plan for a command that serves; undefined for one that does not. A Fault USAGE for what cannot be meant. */
export function serverPlan(
  written: ServerWritten,
  words: ServerWords = options,
): ServerPlan | undefined {
  const { readyUrl, readyLog, readyTimeoutMs, drives } = written
  const ready = [
    ...(readyUrl === undefined ? [] : [urlSign(readyUrl, words)]),
    ...(readyLog === undefined ? [] : [logSign(readyLog, words)]),
  ]
  if (ready.length > 0) {
    const timeoutMs = readyTimeoutMs ?? READY_TIMEOUT_MS
    return {
      ready,
      readyTimeoutMs: timeoutMs,
      drives: drives.map((drive) => parseDrive(drive, words)),
    }
  }
  if (drives.length === 0 && readyTimeoutMs === undefined) return undefined
  throw new Fault(
    'USAGE',
    `when the command is ready must be said, by ${words.readyUrl} or ${words.readyLog}`,
    { hint: `as in: ${words.example}` },
  )
}

function urlSign(text: string, { readyUrl }: ServerWords): ReadySign {
  const url = httpUrl(text)
  if (url !== undefined) return { kind: 'url', url }
  throw new Fault('USAGE', `${readyUrl} takes an http or https URL, not ${text}`, {
    hint: `as in: ${readyUrl} http://localhost:3000/health`,
  })
}

function logSign(written: string, { readyLog }: ServerWords): ReadySign {
  try {
    const pattern = RE2JS.compile(written)
    return { kind: 'log', written, matches: (line) => pattern.matcher(line).find() }
  } catch (cause) {
    if (!(cause instanceof RE2JSSyntaxException)) throw cause
    throw new Fault('USAGE', `${readyLog} is no regular expression that RE2 knows: ${written}`, {
      hint: 'see the RE2 syntax at github.com/google/re2/wiki/Syntax',
      cause,
    })
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** `METHOD URL [BODY]`, the body being all that follows, or a command line; a Fault USAGE for what is neither. */
function parseDrive(written: string, words: ServerWords): Drive {
  const [, method = '', address = '', body] =
    /^(\S+)\s+(\S+)(?:\s+([^]*))?$/.exec(written.trim()) ?? []
  const url = httpUrl(address)
  if (url !== undefined && METHODS.includes(method)) {
    return { kind: 'request', written, method, url, body: body === '' ? undefined : body }
  }
  if (METHODS.includes(method.toUpperCase())) throw notRequest(written, words)
  const [program, ...args] = splitWords(written) ?? []
  if (program === undefined || program === '') throw notCommand(written, words)
  return { kind: 'command', written, command: [program, ...args] }
}

function notRequest(written: string, { drive }: ServerWords): Fault {
  return new Fault('USAGE', `${drive} is no request that can be sent: ${written}`, {
    hint: `write the method in capitals and a whole URL, as in: ${drive} 'POST http://localhost:3000/orders {"item": 1}'`,
  })
}

function notCommand(written: string, { drive }: ServerWords): Fault {
  return new Fault('USAGE', `${drive} is neither a request nor a command: ${written}`, {
    hint: "a command is split at blanks, with quotes as in a shell; for all else of a shell write sh -c '...'",
  })
}

function httpUrl(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  return new URL(text)
}
