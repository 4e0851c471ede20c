import { describe, expect, test } from 'vitest'
import { decodeTraces } from '../../../src/otlp/decode.ts'
import type { Endpoint } from '../../../src/sources/endpoint.ts'
import { openJaeger } from '../../../src/sources/jaeger.ts'
import { openTempo } from '../../../src/sources/tempo.ts'
import type { TraceSource } from '../../../src/trace/source.ts'
import { fixture } from '../../otlp/fixture.ts'
import { backend } from '../../sources/backend.ts'
import { verifies } from '../../verifies.ts'
import { comparable } from './comparable.ts'
import { idOf, newTraceId } from './traces.ts'

const recordings: readonly {
  readonly name: string
  readonly open: (endpoint: Endpoint) => TraceSource & Disposable
  /** Where a trace is asked for by its id. */
  readonly path: string
  /** What is answered for the trace. */
  readonly known: string
  readonly unknown: string
  readonly search: string
  readonly searchOfNobody?: string
}[] = [
  {
    name: 'Jaeger, version 3',
    open: (endpoint) => openJaeger(endpoint, { protocol: 'http-v3' }),
    path: '/api/v3/traces/',
    known: 'jaeger/v3-trace.json',
    unknown: 'jaeger/v3-unknown.json',
    search: 'jaeger/v3-search.json',
    searchOfNobody: 'jaeger/v3-search-none.json',
  },
  {
    name: 'Jaeger, as old servers speak',
    open: (endpoint) => openJaeger(endpoint, { protocol: 'http-legacy' }),
    path: '/api/traces/',
    known: 'jaeger/legacy-trace.json',
    unknown: 'jaeger/legacy-unknown.json',
    search: 'jaeger/legacy-search.json',
  },
  ...(['trace-v2-protobuf.pb', 'trace-v2.json'] as const).map((answer) => ({
    name: `Tempo, ${answer}`,
    open: openTempo,
    path: '/api/v2/traces/',
    known: `tempo/${answer}`,
    unknown: 'tempo/trace-v2-unknown.json',
    search: 'tempo/search-traceql.json',
    searchOfNobody: 'tempo/search-none.json',
  })),
  ...(['trace-v1-protobuf.pb', 'trace-v1.json'] as const).map((answer) => ({
    name: `Tempo before 2.7, ${answer}`,
    open: openTempo,
    path: '/api/traces/',
    known: `tempo/${answer}`,
    unknown: 'tempo/trace-v1-unknown.txt',
    search: 'tempo/search-traceql.json',
    searchOfNobody: 'tempo/search-none.json',
  })),
]

type Recording = (typeof recordings)[number]

const [sent = []] = [
  ...Map.groupBy(decodeTraces(fixture('recorded/rich.otlp.pb')).spans, ({ traceId }) => traceId),
].map(([, spans]) => spans)

describe.for(recordings)('recorded answers: $name', (recording) => {
  test('the trace has all spans, equal up to its losses', async () => {
    verifies('P-22')
    const read = await asking(recording, (source) => source.trace(idOf(sent)))
    const losses = read?.losses
    if (losses === undefined) throw new Error('no trace')
    expect({ cut: read?.cut, spans: comparable(read?.spans ?? [], { losses, sent }) }).toEqual({
      cut: undefined,
      spans: comparable(sent, { losses, sent }),
    })
  })

  test('a trace that nobody knows is undefined', async () => {
    expect(await asking(recording, (source) => source.trace(newTraceId()))).toBeUndefined()
  })

  test('a search finds the trace', async () => {
    const query = { service: 'shop', limit: 10 }
    const { items } = await asking(recording, (source) => source.search(query))
    expect(items.map(({ traceId }) => traceId)).toContain(idOf(sent))
  })
})

test.for(recordings.filter(({ searchOfNobody }) => searchOfNobody !== undefined))(
  'recorded answers: $name: a search without a match is empty',
  async (recording) => {
    const query = { service: 'nobody', limit: 10 }
    const { items } = await asking(recording, (source) => source.search(query))
    expect(items).toEqual([])
  },
)

/** The source's answer from a server that gives what was recorded. */
async function asking<T>(
  recording: Recording,
  ask: (source: TraceSource) => Promise<T>,
): Promise<T> {
  await using server = await backend((request, response) => {
    const { status, type, body } = replyOf(recording, request.url ?? '')
    response.writeHead(status, type === '' ? {} : { 'content-type': type }).end(body)
  })
  using source = recording.open({
    url: server.url,
    headers: {},
    tls: undefined,
    timeoutMs: 5000,
    maxBytes: 2 ** 24,
  })
  return await ask(source)
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

function replyOf(recording: Recording, url: string): Reply {
  const { path, known, unknown, search, searchOfNobody = '' } = recording
  const id = idOf(sent).replace(/^0+/, '')
  if (url.startsWith(path)) return reply(url.includes(id) ? known : unknown)
  if (/\/traces\/./.test(url)) return { status: 404, type: '', body: Buffer.alloc(0) }
  return reply(url.includes('nobody') ? searchOfNobody : search)
}

/** As it was recorded, with its status and content type. */
function reply(file: string): Reply {
  const headers = fixture(`recorded/${file.replace(/\.\w+$/, '')}.headers`).toString()
  return {
    status: Number(/^HTTP\/1.1 (\d{3})/.exec(headers)?.[1]),
    type: /^Content-Type: (.*)$/im.exec(headers)?.[1]?.trim() ?? '',
    body: fixture(`recorded/${file}`),
  }
}
