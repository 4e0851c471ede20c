import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { candidateSpans, smallSpan } from '../oracle/pairs.ts'
import { verifies } from '../verifies.ts'
import type { Sample } from './corpus.ts'
import { randomSamples, samples, verdictOf } from './corpus.ts'
import { spanIdOf } from './ids.ts'

const RUNS = { numRuns: 2_000, seed: 1, maxSkipsPerRun: 1_000 }

const ENDED: RunEvidence = { complete: true, reasons: [], lossyEnds: [] }

/** Everything that was captured was active when a process ended badly. */
const PARTIAL: RunEvidence = {
  complete: false,
  reasons: [{ code: 'crashed', pid: 1, command: 'app' }],
  lossyEnds: [
    {
      pid: 1,
      from: nanosOf(0n),
      to: nanosOf(2n ** 62n),
      reason: { code: 'crashed', pid: 1, command: 'app' },
      traceIds: [],
    },
  ],
}

test('random spans added to a partial trace never turn the pass or fail of a case', () => {
  verifies('X-01')
  const property = fc.property(randomSamples(), furtherSpans(), (sample, further) => {
    const partial = statusOfCase(verdictOf({ ...sample, run: PARTIAL }))
    const spans = [...sample.spans]
    for (const each of further) {
      const parent = spans[each.below % spans.length]
      if (parent !== undefined) spans.push({ ...each.span, parentSpanId: parent.spanId })
    }
    const complete = statusOfCase(verdictOf({ ...sample, spans }))
    const stillPartial = statusOfCase(verdictOf({ ...sample, spans, run: PARTIAL }))
    fc.pre(partial !== 'inconclusive')
    expect({ complete, stillPartial }).toEqual({ complete: partial, stillPartial: partial })
  })
  fc.assert(property, RUNS)
})

test('what is decided without some spans of a run is decided alike with them', () => {
  verifies('X-01')
  const property = fc.property(samples(), fc.array(fc.nat(), { maxLength: 3 }), (sample, drops) => {
    const dropped = new Set(drops.map((each) => each % sample.spans.length))
    const spans = sample.spans.filter((_, at) => !dropped.has(at))
    fc.pre(spans.length > 0)
    const partial = verdictOf({ ...sample, spans, run: PARTIAL })
    const whole = verdictOf({ ...sample, run: ENDED })
    fc.pre(partial.status === 'pass' || partial.status === 'fail')
    expect(whole.status).toBe(partial.status)
  })
  fc.assert(property, RUNS)
})

test('a child whose parent was taken away never makes a file fail that passes with it', () => {
  verifies('X-01')
  const property = fc.property(samples(), fc.nat(), (sample, choice) => {
    const file: Sample = { ...sample, run: undefined }
    const taken = sample.spans[choice % sample.spans.length]
    fc.pre(taken !== undefined && hasLocalChild(sample.spans, taken))
    const spans = sample.spans.filter((span) => span !== taken)
    const before = verdictOf(file).status
    const after = verdictOf({ ...file, spans }).status
    expect(['pass, then fail', 'fail, then pass']).not.toContain(`${before}, then ${after}`)
  })
  fc.assert(property, RUNS)
})

interface FurtherSpan {
  readonly span: Span
  readonly below: number
}

function furtherSpans(): fc.Arbitrary<readonly FurtherSpan[]> {
  const one = fc.record({
    like: fc.nat(candidateSpans().length - 1),
    tag: fc.constantFrom(undefined, 'p', 'q'),
    status: fc.constantFrom('unset' as const, 'ok' as const, 'error' as const),
    millis: fc.constantFrom(10, 20, 30),
    below: fc.nat(),
  })
  return fc.array(one, { minLength: 1, maxLength: 4 }).map((all) =>
    all.map(({ like, tag, status, millis, below }, at) => {
      const identity = candidateSpans()[like]
      if (identity === undefined) throw new Error('no such identity')
      const plain = smallSpan({
        at: 20 + at,
        above: 0,
        name: identity.name,
        service: '',
        kind: identity.kind,
        flavour: undefined,
        tag,
        status,
        millis,
      })
      const attributes = new Map([...identity.attributes, ...plain.attributes])
      const span = { ...plain, resource: identity.resource, attributes }
      return { span: { ...span, spanId: spanIdOf(`f00000000000000${at}`) }, below }
    }),
  )
}

function statusOfCase(result: SpecResult): string {
  const [only] = result.cases.items
  if (only === undefined || result.cases.total !== 1) throw new Error('not one case')
  return only.status
}

/** What says in a file that a parent was lost: a child of its own process, by kind. */
function hasLocalChild(spans: readonly Span[], parent: Span): boolean {
  return spans.some(
    (span) =>
      span.parentSpanId === parent.spanId &&
      ((span.flags & 0x100) === 0
        ? span.kind !== 'server' && span.kind !== 'consumer'
        : (span.flags & 0x200) === 0),
  )
}
