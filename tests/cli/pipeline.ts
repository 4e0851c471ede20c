import { createServer } from 'node:http'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import type { Span } from '../../src/trace/span.ts'

/** Something that takes OTLP in and answers as Jaeger does, changing what it keeps on the way. */
export interface Pipeline extends AsyncDisposable {
  readonly url: string
}

export async function openPipeline(
  change: (spans: readonly Span[], asked: number) => readonly Span[],
): Promise<Pipeline> {
  const kept: Span[] = []
  let asked = 0
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    const [, id] = /^\/api\/v3\/traces\/([0-9a-f]{32})/.exec(request.url ?? '') ?? []
    if (request.method === 'POST') {
      void buffer(request).then((body) => {
        for (const span of decodeTraces(body).spans) kept.push(span)
        response.end()
      })
    } else if (request.url?.startsWith('/api/v3/services') === true) {
      answer(200, { services: ['shop'] })
    } else {
      asked += 1
      const spans = change(kept, asked).filter(({ traceId }) => traceId === id)
      if (spans.length > 0) answer(200, { result: JSON.parse(encodeTracesJson(spans)) })
      else answer(404, { error: { httpCode: 404, message: 'No traces found' } })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
