import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import { Fault } from '../../src/trace/fault.ts'
import type { Span } from '../../src/trace/span.ts'
import { verifies } from '../verifies.ts'
import { storySamples, verdictOf } from './corpus.ts'

const RUNS = { numRuns: 2_000, seed: 1 }
const STATUSES = ['pass', 'fail', 'inconclusive', 'not_exercised']

test('whatever bytes a program sends are judged or refused by a Fault', () => {
  verifies('X-01')
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged())
  fc.assert(
    fc.property(storySamples(), bytes, (sample, sent) => {
      const spans = spansOf(() => decodeTraces(sent).spans)
      expect(STATUSES).toContain(verdictOf({ ...sample, spans }).status)
    }),
    RUNS,
  )
})

test('whatever text a file holds is judged or refused by a Fault', () => {
  const json = storySamples().chain(({ spans }) => cutOrSpliced(encodeTracesJson(spans)))
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), storySamples(), (text, sample) => {
      const spans = spansOf(() => decodeTracesText(text).spans)
      expect(STATUSES).toContain(verdictOf({ ...sample, spans }).status)
    }),
    RUNS,
  )
})

test('whatever text a spec holds is a spec or has issues', () => {
  verifies('P-01')
  const yaml = cutOrSpliced(
    'name: a\nexpected_spans:\n  - &x { operation_name: b, count: { min: 1 } }\n  - *x\n',
  )
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), yaml), (text) => {
      const { spec, issues } = parseSpec(text, { file: 'any.yaml' })
      expect(spec === undefined).toBe(issues.some((issue) => issue.severity === 'error'))
    }),
    RUNS,
  )
})

/** A real request with some bytes changed: gets much further than noise does. */
function damaged(): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 })
  return fc.tuple(storySamples(), changes).map(([{ spans }, all]) => {
    const bytes = encodeTraces(spans).slice()
    for (const [at, value] of all) bytes[at % bytes.length] = value
    return bytes
  })
}

function cutOrSpliced(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 }))
    .map(([at, length, inserted]) => text.slice(0, at) + inserted + text.slice(at + length))
}

/** No spans when the bytes are refused as the design says; any other error is a bug. */
function spansOf(decode: () => readonly Span[]): readonly Span[] {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}
