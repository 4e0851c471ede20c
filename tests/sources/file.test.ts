import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { readTraceFile } from '../../src/sources/file.ts'
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

test.for<readonly [string, Uint8Array | string]>([
  ['trace.pb', protobuf],
  ['trace.otlp', protobuf],
  ['trace.json', json],
  ['trace.json.gz', gzipSync(json)],
  ['trace.pb.gz', gzipSync(protobuf)],
  ['trace.jsonl', `${encodeTracesJson(spans.slice(0, 1))}\n${encodeTracesJson(spans.slice(1))}\n`],
  ['marked.json', `\uFEFF \n${json}`],
  ['any.name', json],
])('%s is read', async ([name, content]) => {
  using folder = temporaryFolder()
  const path = join(folder.path, name)
  writeFileSync(path, content)
  expect(await readTraceFile(path)).toEqual(spans)
})

test('protobuf that begins like JSON is protobuf', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.pb')
  writeFileSync(path, likeJson)
  expect(await readTraceFile(path)).toHaveLength(1)
})

test('a folder is read in the order of its paths, trace files only', async () => {
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'b', 'deep'), { recursive: true })
  const one = (id: number): string => encodeTracesJson([span({ id })])
  writeFileSync(join(folder.path, 'c.json'), one(3))
  writeFileSync(join(folder.path, 'b', 'deep', 'z.ndjson'), one(2))
  writeFileSync(join(folder.path, 'a.json.gz'), gzipSync(one(1)))
  writeFileSync(join(folder.path, 'README.md'), 'no trace')
  const read = await readTraceFile(folder.path)
  expect(read).toEqual([1, 2, 3].map((id) => span({ id })))
})

test('a dash is standard input', async () => {
  const stdin = Readable.from([protobuf.subarray(0, 10), protobuf.subarray(10)])
  expect(await readTraceFile('-', { stdin })).toEqual(spans)
})

test.for<readonly [string, string, Uint8Array | string]>([
  ['an empty file', 'TRACE_INVALID', ''],
  ['cut JSON', 'TRACE_INVALID', json.slice(0, -5)],
  ['cut protobuf', 'TRACE_INVALID', protobuf.subarray(0, -5)],
  ['cut gzip', 'TRACE_INVALID', gzipSync(json).subarray(0, -9)],
  ['text that is not UTF-8', 'TRACE_INVALID', Buffer.of(0x7b, 0xff, 0x7d)],
  ['other text', 'TRACE_INVALID', 'hello'],
  ['other JSON', 'TRACE_INVALID', '{"data":[]}'],
  ['deep JSON', 'TRACE_INVALID', '{"a":'.repeat(100_000)],
  ['no span', 'TRACE_NOT_FOUND', '{"resourceSpans":[]}'],
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
