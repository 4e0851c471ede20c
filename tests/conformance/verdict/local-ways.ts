import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { encodeTraces, encodeTracesJson } from '../../../src/otlp/encode.ts'
import { listen } from '../../../src/receiver/listen.ts'
import { openFile } from '../../../src/sources/file.ts'
import { jaegerJsonOf } from '../../../src/sources/jaeger-json-write.ts'
import { encodeZipkin } from '../../../src/sources/zipkin-encode.ts'
import { storeSource } from '../../../src/store/source.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import type { Span } from '../../../src/trace/span.ts'
import { runOf } from '../sources/summaries.ts'
import type { SourceUnderTest } from '../sources/under-test.ts'

/** A folder of trace files; each write is a file of its own. */
export async function folderOf(
  extension: string,
  encode: (spans: readonly Span[]) => string | Uint8Array,
): Promise<SourceUnderTest> {
  const folder = temporaryFolder()
  const source = openFile(folder)
  let files = 0
  return {
    source,
    write: async (spans) => {
      files += 1
      writeFileSync(join(folder, `${files}.${extension}`), encode(spans))
    },
    [Symbol.asyncDispose]: async () => {
      source[Symbol.dispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** How spans are written to files, by the end of their names. */
export const fileForms: Readonly<Record<string, (spans: readonly Span[]) => string | Uint8Array>> =
  {
    json: encodeTracesJson,
    'json.gz': (spans) => gzipSync(encodeTracesJson(spans)),
    'json.zst': (spans) => zstdCompressSync(encodeTracesJson(spans)),
    jsonl: (spans) =>
      [...Map.groupBy(spans, ({ spanId }) => spanId).values()].map(encodeTracesJson).join('\n'),
    pb: encodeTraces,
    'jaeger.json': (spans) => jaegerJsonOf(spans).text,
    'zipkin.json': (spans) => encodeZipkin(spans).text,
  }

/** The embedded store, written to as it is, or through a receiver that a program would send to. */
export async function embeddedStore(
  send: (spans: readonly Span[], to: Target) => Promise<void>,
): Promise<SourceUnderTest> {
  const folder = temporaryFolder()
  const store = openStore({ folder })
  const receiver = await listen({ sink: store, runId: null })
  return {
    source: storeSource(store),
    write: (spans) => send(spans, { store, url: receiver.url }),
    [Symbol.asyncDispose]: async () => {
      await receiver[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

interface Target {
  readonly store: Pick<Store, 'write'>
  readonly url: string
}

/** Spans belong to the run that their resource names. */
export async function writeToStore(
  spans: readonly Span[],
  { store }: Pick<Target, 'store'>,
): Promise<void> {
  for (const [run, own] of Map.groupBy(spans, (span) => runOf([span]))) {
    await store.write('traces', encodeTraces(own), run ?? null)
  }
}

export async function sendOverHttp(spans: readonly Span[], { url }: Target): Promise<void> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeTraces(spans)),
  })
  if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`)
}

export async function sendOverGrpc(spans: readonly Span[], { url }: Target): Promise<void> {
  const client = new Client(new URL(url).host, credentials.createInsecure())
  const bytes = (message: Buffer): Buffer => message
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(method, bytes, bytes, Buffer.from(encodeTraces(spans)), (error) => {
        if (error === null) resolve()
        else reject(error)
      })
    })
  } finally {
    client.close()
  }
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tracespec-conformance-'))
}
