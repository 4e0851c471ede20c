import type { IncomingMessage, RequestListener } from 'node:http'
import { backend, type Backend, type Certificates } from './backend.ts'

/** One question to a cloud, as its client sent it. */
export interface Question {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: IncomingMessage['headers']
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text is sent as it is. */
  readonly json: unknown
}

export interface Cloud extends AsyncDisposable {
  readonly url: URL
  readonly questions: readonly Question[]
}

/** A server that answers JSON as a cloud does. Every question gets a reply, those of failures that a client repeats too. */
export async function cloud(
  answer: (question: Question) => Reply,
  tls?: Certificates,
): Promise<Cloud> {
  const questions: Question[] = []
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://cloud')
      const text = Buffer.concat(parts).toString('utf8')
      const body: Question['body'] = text === '' ? {} : JSON.parse(text)
      const question = { path, query, body, headers: request.headers }
      questions.push(question)
      const { status = 200, headers = {}, json } = answer(question)
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(typeof json === 'string' ? json : JSON.stringify(json))
    })
  }
  const server: Backend = await backend(listener, tls)
  return {
    url: server.url,
    questions,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
