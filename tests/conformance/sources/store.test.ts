import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeTraces } from '../../../src/otlp/encode.ts'
import { storeSource } from '../../../src/store/source.ts'
import { openStore } from '../../../src/store/store.ts'
import { describeSource } from './suite.ts'
import { runOf } from './summaries.ts'

describeSource('the embedded store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-conformance-'))
  const store = openStore({ folder })
  return {
    source: storeSource(store),
    write: async (spans) => {
      for (const [run, own] of Map.groupBy(spans, (span) => runOf([span]))) {
        await store.write('traces', encodeTraces(own), run ?? null)
      }
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
})
