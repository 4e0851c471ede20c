import type { IncomingHttpHeaders } from 'node:http'
import { type Json, parseJsonDocuments } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'

/** What a backend answered, decompressed and whole. */
export interface HttpAnswer {
  readonly status: number
  /** The media type in lower case, without parameters; empty when none was given. */
  readonly contentType: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The address that answered, without its query, for messages. */
  readonly from: string
}

/**
 * The one JSON document of an answer, of whatever content type, for servers name it wrongly; integers are exact. Throws a
 * Fault SOURCE_INVALID for anything else, as the page of a proxy.
 */
export function jsonOf(answer: HttpAnswer): Json {
  const documents = documentsOf(answer)
  const [document] = documents
  if (document === undefined || documents.length > 1) throw notJson(answer, undefined)
  return document
}

function documentsOf(answer: HttpAnswer): readonly Json[] {
  try {
    return parseJsonDocuments(answer.body.toString('utf8'))
  } catch (cause) {
    if (cause instanceof Fault) throw notJson(answer, cause)
    throw cause
  }
}

function notJson(answer: HttpAnswer, cause: Fault | undefined): Fault {
  const type = answer.contentType === '' ? '' : ` (${answer.contentType})`
  return new Fault(
    'SOURCE_INVALID',
    `${answer.from} answered ${answer.status} with no JSON${type}: ${firstLineOf(answer)}`,
    { hint: 'is this the address of the query API, and not of a page or a proxy?', cause },
  )
}

const shownCharacters = 120

/** The first line of a body for messages, as a quoted text. */
function firstLineOf({ body }: HttpAnswer): string {
  const [line = ''] = body
    .subarray(0, 4096)
    .toString('utf8')
    .trimStart()
    .split(/[\r\n]/, 1)
  if (line === '') return 'an empty body'
  // Lone surrogates, as of a cut, and controls are escaped by JSON.
  return JSON.stringify(line.slice(0, shownCharacters))
}
