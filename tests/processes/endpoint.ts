import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen } from '../../src/receiver/listen.ts'
import type { ReceiverView } from '../../src/runner/outcome.ts'
import { openStore } from '../../src/store/store.ts'
import { Fault } from '../../src/trace/fault.ts'
import type { TelemetrySink } from '../../src/trace/ports.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf, type Nanos } from '../../src/trace/time.ts'

/** The real receiver over the real store, in a folder that goes with it. */
export interface Endpoint extends AsyncDisposable {
  readonly url: string
  readonly view: ReceiverView
  spans(): Promise<readonly Span[]>
  /** How often a text, as a span's name, stands in the spans that were kept. */
  received(text: string): Promise<number>
}

export const wallClock = (): Nanos => nanosOf(BigInt(Date.now()) * 1_000_000n)

export type EndpointSort = 'keeps' | 'refuses'

export async function openEndpoint(runId: string, sort: EndpointSort = 'keeps'): Promise<Endpoint> {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-test-'))
  const store = openStore({ folder })
  const receiver = await listen({ sink: sort === 'keeps' ? store : refusing, runId })
  // What was kept can still be asked for when the store has been closed.
  let kept: { readonly spans: readonly Span[]; readonly text: string } | undefined
  const look = async (): Promise<typeof kept & object> => ({
    spans: await store.spansOfRun(runId),
    text: Buffer.from(await store.requestOfRun(runId)).toString('latin1'),
  })
  return {
    url: receiver.url,
    view: receiver,
    spans: async () => (kept ?? (await look())).spans,
    received: async (text) => (kept ?? (await look())).text.split(text).length - 1,
    [Symbol.asyncDispose]: async () => {
      await receiver[Symbol.asyncDispose]()
      kept = await look()
      await store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

const refusing: TelemetrySink = {
  write: () => Promise.reject(new Fault('TRACE_INVALID', 'refused on purpose')),
}
