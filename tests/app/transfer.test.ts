import { expect, test } from 'vitest'
import { openCapture, type CapturePorts } from '../../src/app/captures.ts'
import { exportCapture } from '../../src/app/export.ts'
import { importTraces } from '../../src/app/import.ts'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { encodeAs } from '../../src/sources/encode-as.ts'
import { takeKnown, withKnown } from '../../src/trace/kept-losses.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import type { SourceTrace } from '../../src/trace/source.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import { temporaryStore } from '../store/temporary.ts'
import { span, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const spans = [span({ id: 1 }), span({ id: 2, parent: 1 })]
const lossy: Losses = {
  ...lossless,
  nameCase: true,
  grainNanos: 1000,
  types: 'all',
  links: 'lost',
  unknownDurations: true,
}

test.for<readonly [string, Losses, string | undefined]>([
  ['nothing', lossless, undefined],
  ['losses', lossy, undefined],
  ['other losses', { ...lossless, types: 'composites', links: 'without_attributes' }, undefined],
  ['missing spans', lossless, 'the rest is elsewhere'],
  ['both', lossy, 'the rest is elsewhere'],
])('%s that are known of spans are read back from what was written', ([, losses, cut]) => {
  verifies('L-07')
  const marked = withKnown(spans, { losses, cut })
  const { content } = encodeAs('otlp-json', { spans, losses, cut })
  const read = decodeTracesText(String(content)).spans
  expect(takeKnown(read)).toEqual({ spans, losses, cut })
  expect(takeKnown(marked)).toEqual({ spans, losses, cut })
})

async function* once(part: SourceTrace): AsyncGenerator<SourceTrace> {
  yield part
}

test('what was captured incompletely stays open after an export and an import', async () => {
  verifies('L-07')
  const run = {
    complete: false,
    reasons: [{ code: 'interrupted' as const }],
    lossyEnds: [],
  }
  const capture = { traces: buildTraces(spans), source: 'last', run, losses: lossless }
  const { content, report } = await exportCapture(capture, 'otlp-proto', async (form, known) =>
    encodeAs(form, known),
  )
  expect(report).toMatchObject({ spans: 2, cut: 'captured incompletely: interrupted' })
  await using opened = temporaryStore()
  const { store } = opened
  const known = takeKnown(decodeTraces(Buffer.from(content)).spans)
  const encode = async (all: SourceTrace['spans']): Promise<Uint8Array> => encodeTraces(all)
  const imported = await importTraces(['a.pb'], { parts: () => once(known), encode, store })
  expect(imported.paths).toEqual([
    { path: 'a.pb', spans: 2, added: 2, differing: 0, cut: 'captured incompletely: interrupted' },
  ])
  const ports: CapturePorts = {
    isPath: () => false,
    traceFile: () => Promise.reject(new Error('no file')),
    store: async () => store,
    ownRootOf: () => {
      throw new Error('no run')
    },
    patience: { now: () => nanosOf(0n), waitMs: 0, pause: () => Promise.resolve() },
  }
  const { run: evidence } = await openCapture([`trace:${traceId(1)}`], ports)
  expect(evidence).toEqual({
    complete: false,
    reasons: [
      { code: 'source_cut', trace_id: traceId(1), said: 'captured incompletely: interrupted' },
    ],
    lossyEnds: [],
  })
})
