import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { lossless } from '../../src/trace/losses.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { fixture } from '../otlp/fixture.ts'
import { verifies } from '../verifies.ts'
import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { openFile, readTraceFile } from '../../src/sources/file.ts'
import { readTraceParts } from '../../src/sources/file-parts.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { defined } from '../trace/defined.ts'
import { span } from '../trace/spans.ts'

const spans = [span({ id: 1 }), span({ id: 2, parent: 1 })]
const protobuf = encodeTraces(spans)
const json = encodeTracesJson(spans)
// a resource group of 123 bytes begins like indented JSON: a line feed and a brace
const likeJson = defined(
  Array.from({ length: 60 }, (_, length) =>
    encodeTraces([span({ id: 1, name: 'n'.repeat(length) })]),
  ).find((bytes) => bytes[1] === 0x7b),
)

/** As the Collector's file exporter writes protobuf: each message behind its length. */
function collected(all: readonly Span[]): Uint8Array {
  const messages = all.map((one) => encodeTraces([one]))
  return Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(message.length)
      return [length, message]
    }),
  )
}

test.for<readonly [string, Uint8Array | string]>([
  ['trace.pb', protobuf],
  ['trace.otlp', protobuf],
  ['trace.json', json],
  ['trace.json.gz', gzipSync(json)],
  ['trace.jsonl.zst', zstdCompressSync(json)],
  ['collector.binpb', collected(spans)],
  ['trace.pb.gz', gzipSync(protobuf)],
  ['trace.jsonl', `${encodeTracesJson(spans.slice(0, 1))}\n${encodeTracesJson(spans.slice(1))}\n`],
  ['marked.json', `\uFEFF \n${json}`],
  ['any.name', json],
])('%s is read', async ([name, content]) => {
  using folder = temporaryFolder()
  const path = join(folder.path, name)
  writeFileSync(path, content)
  expect(await readTraceFile(path)).toEqual({ spans, losses: lossless, cut: undefined })
})

test('protobuf that begins like JSON is protobuf', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.pb')
  writeFileSync(path, likeJson)
  expect((await readTraceFile(path)).spans).toHaveLength(1)
})

test('a folder is read in the order of its paths, trace files only', async () => {
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'b', 'deep'), { recursive: true })
  const one = (id: number): string => encodeTracesJson([span({ id })])
  writeFileSync(join(folder.path, 'c.json'), one(3))
  writeFileSync(join(folder.path, 'b', 'deep', 'z.ndjson'), one(2))
  writeFileSync(join(folder.path, 'a.json.gz'), gzipSync(one(1)))
  writeFileSync(join(folder.path, 'README.md'), 'no trace')
  const { spans: read } = await readTraceFile(folder.path)
  expect(read).toEqual([1, 2, 3].map((id) => span({ id })))
})

test('a dash is standard input', async () => {
  const stdin = Readable.from([protobuf.subarray(0, 10), protobuf.subarray(10)])
  expect((await readTraceFile('-', { stdin })).spans).toEqual(spans)
})

test.for<readonly [string, string, Uint8Array | string]>([
  ['an empty file', 'TRACE_INVALID', ''],
  ['cut JSON', 'TRACE_INVALID', json.slice(0, -5)],
  ['cut protobuf', 'TRACE_INVALID', protobuf.subarray(0, -5)],
  ['cut gzip', 'TRACE_INVALID', gzipSync(json).subarray(0, -9)],
  ['cut zstd', 'TRACE_INVALID', zstdCompressSync(json).subarray(0, -9)],
  ['text that is not UTF-8', 'TRACE_INVALID', Buffer.of(0x7b, 0xff, 0x7d)],
  ['other text', 'TRACE_INVALID', 'hello'],
  ['other JSON', 'TRACE_INVALID', '{"data":[]}'],
  ['deep JSON', 'TRACE_INVALID', '{"a":'.repeat(100_000)],
  ['no span', 'TRACE_NOT_FOUND', '{"resourceSpans":[]}'],
  ['a message that is cut', 'TRACE_INVALID', collected(spans).subarray(0, -5)],
  ['more than the limit', 'TOO_LARGE', 'x'.repeat(100_001)],
  ['more than the limit after decompression', 'TOO_LARGE', gzipSync('x'.repeat(100_001))],
])('%s is a Fault %s that names the file', async ([, code, content]) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.json')
  writeFileSync(path, content)
  const maxBytes = code === 'TOO_LARGE' ? 100_000 : 2 ** 20
  await expect(readTraceFile(path, { maxBytes })).rejects.toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(path) }),
  )
})

test('a folder without trace files and a missing file are Faults', async () => {
  using folder = temporaryFolder()
  await expect(readTraceFile(folder.path)).rejects.toThrow(
    expect.objectContaining({ code: 'TRACE_NOT_FOUND' }),
  )
  await expect(readTraceFile(join(folder.path, 'none.json'))).rejects.toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE' }),
  )
})

/** What is read of a file with this content. */
async function readContent(
  content: Uint8Array | string,
  name = 'a.json',
): ReturnType<typeof readTraceFile> {
  using folder = temporaryFolder()
  const path = join(folder.path, name)
  writeFileSync(path, content)
  return await readTraceFile(path)
}

test.for<readonly [string, string, number, Readonly<Record<string, unknown>>]>([
  ['OTLP', 'recorded/rich.otlp.json', 10, { types: 'kept', links: 'kept', grainNanos: 1 }],
  ['OTLP in protobuf', 'recorded/rich.otlp.pb', 10, { types: 'kept', grainNanos: 1 }],
  ["Tempo's answer", 'recorded/tempo/trace-v1.json', 9, { types: 'kept', grainNanos: 1 }],
  [
    "an answer of Jaeger's legacy API",
    'jaeger/otlp2jaeger-out.json',
    2,
    { grainNanos: 1000, types: 'composites' },
  ],
  ['a download from the page of Jaeger', 'jaeger-ui/testTrace.json', 11, { grainNanos: 1000 }],
  ['Zipkin v2', 'zipkin/yelp.json', 16, { grainNanos: 1000, types: 'all', links: 'lost' }],
])('%s is told by its content, with what it loses', async ([, name, count, losses]) => {
  verifies('P-24')
  const read = await readContent(fixture(name), 'any.name')
  expect([read.spans.length, read.cut]).toEqual([count, undefined])
  expect(read.losses).toMatchObject(losses)
})

test('files of several forms lose what each of them loses, and the halves of a call may lie apart', async () => {
  using folder = temporaryFolder()
  const half = (kind: string): string =>
    `[{"traceId":"1","id":"2","kind":"${kind}","name":"${kind}","timestamp":5,"duration":1,"localEndpoint":{"serviceName":"${kind}"}}]`
  writeFileSync(join(folder.path, 'a.json'), half('SERVER'))
  writeFileSync(join(folder.path, 'b.json'), half('CLIENT'))
  writeFileSync(join(folder.path, 'c.json'), json)
  const { spans: read, losses } = await readTraceFile(folder.path)
  expect(read.map(({ kind, parentSpanId }) => [kind, parentSpanId])).toEqual([
    ['internal', undefined],
    ['internal', defined(spans[0]).spanId],
    ['client', undefined],
    ['server', '0000000000000002'],
  ])
  expect([losses.types, losses.grainNanos]).toEqual(['all', 1000])
})

test('spans without valid ids are said, not passed over', async () => {
  const broken = json.replace(/"spanId":"[0-9a-f]+"/, '"spanId":"x"')
  expect(await readContent(broken)).toMatchObject({ cut: '1 spans have no valid ids' })
})

test.for<readonly [string, Uint8Array | string, string]>([
  [
    'another JSON object',
    '{"name":"x","version":"1","a":1,"b":2,"c":3,"d":4}',
    'JSON without OTLP traces, or those of Jaeger or Zipkin: an object with "name", "version", "a", "b", "c" ...',
  ],
  ['text', 'hello\nworld', 'text that is no JSON, beginning with "hello"'],
  [
    'another binary',
    Buffer.from('PK\u0003\u0004abcdefgh'),
    'neither JSON nor a trace in protobuf, beginning with bytes 504b030461626364',
  ],
])('%s is said to look like it', async ([, content, said]) => {
  await expect(readContent(content)).rejects.toThrow(
    expect.objectContaining({ code: 'TRACE_INVALID', message: expect.stringContaining(said) }),
  )
})

test('JSON lines come as soon as they end, however they are cut', async () => {
  const name = `a "{[" \\ ü${'x'.repeat(3000)}`
  const lines = [1, 2, 3].map((id) => encodeTracesJson([span({ id, name })]))
  const bytes = Buffer.from(lines.join('\n'))
  let given = 0
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) {
      given += 1
      yield Uint8Array.of(byte)
    }
  }
  const seen: (readonly [string | undefined, number])[] = []
  for await (const { spans: some } of readTraceParts('-', { stdin: slowly() })) {
    seen.push([some[0]?.name, given])
  }
  // the head is read before the form is known
  const ends = [1, 2, 3].map((count) => Buffer.byteLength(lines.slice(0, count).join('\n')))
  expect(seen).toEqual(ends.map((end) => [name, Math.max(4096, end)]))
})

test('a file is a source of traces, read anew for each question', async () => {
  verifies('P-22')
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.jsonl')
  const line = (trace: number, name: string): string =>
    `${encodeTracesJson([span({ id: trace, trace, name, start: trace, end: 100 })])}\n`
  writeFileSync(path, line(1, 'one') + line(2, 'two'))
  using source = openFile(path)
  expect((await source.trace(defined(spans[0]).traceId))?.spans.map(({ name }) => name)).toEqual([
    'one',
  ])
  const first = await source.search({ limit: 1 })
  expect(first).toMatchObject({ items: [{ rootName: 'two' }], total: 2, cutAt: undefined })
  writeFileSync(path, line(1, 'one') + line(2, 'two') + line(3, 'three'))
  expect(await source.search({ limit: 5, operation: 'three' })).toMatchObject({ total: 1 })
  expect(
    await source.search({ limit: 5, cursor: defined(first.cursor), from: nanosOf(1n) }),
  ).toMatchObject({ items: [{ rootName: 'one' }], total: 3, cursor: undefined })
})
