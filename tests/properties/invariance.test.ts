import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutOwnRoot } from '../../src/app/own-root.ts'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import type { Expectation } from '../../src/spec/spec.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import type { Span } from '../../src/trace/span.ts'
import type { Nanos } from '../../src/trace/time.ts'
import { nanosOf } from '../../src/trace/time.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { verifies } from '../verifies.ts'
import type { Sample } from './corpus.ts'
import { hasFragment, samples, storySamples, textOf, verdictOf } from './corpus.ts'
import { renamed, renaming, spanIdOf, jsonUnderNewIds, traceIdOf } from './ids.ts'

const RUNS = { numRuns: 1_000, seed: 1 }

test('verdict and report do not depend on the order in which spans come or on the requests they come in', () => {
  verifies('X-03')
  const property = fc.property(samples(), fc.infiniteStream(fc.nat()), (sample, numbers) => {
    const shuffled = sample.spans
      .map((span) => ({ span, by: numbers.next().value }))
      .toSorted((one, other) => one.by - other.by)
    const requests = Map.groupBy(shuffled, ({ by }) => by % 4)
    const spans = [...requests.values()].flatMap(
      (request) => decodeTraces(encodeTraces(request.map(({ span }) => span))).spans,
    )
    expect(verdictOf({ ...sample, spans })).toEqual(verdictOf(sample))
    expect(textOf({ ...sample, spans })).toBe(textOf(sample))
  })
  fc.assert(property, RUNS)
})

test('the verdict does not depend on ids', () => {
  const property = fc.property(
    samples(),
    fc.bigInt({ min: 3n, max: 2n ** 64n }),
    (sample, factor) => {
      const by = renaming(factor)
      const spans = renamed(sample.spans, by)
      expect(verdictOf({ ...sample, spans })).toEqual(
        jsonUnderNewIds(verdictOf(sample), sample.spans, by),
      )
    },
  )
  fc.assert(property, RUNS)
})

test('the verdict does not depend on when it all happened', () => {
  const offsets = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 18n })
  const property = fc.property(samples(), offsets, (sample, offset) => {
    const later = (time: Nanos): Nanos => nanosOf(time + offset)
    const spans = sample.spans.map((span) => shifted(span, later))
    const run = sample.run === undefined ? undefined : shiftedEnds(sample.run, later)
    expect(verdictOf({ ...sample, spans, run })).toEqual(verdictOf(sample))
  })
  fc.assert(property, RUNS)
})

test('the verdict does not depend on an ignored extra leaf without an error', () => {
  verifies('X-04')
  const property = fc.property(samples(), fc.nat(), (sample, choice) => {
    // what an expectation speaks for is not ignored
    fc.pre(namesAll(sample.file.spec.expected))
    const file = ignoringLeaves(sample.file)
    const parent = sample.spans[choice % sample.spans.length]
    if (parent === undefined) throw new Error('a sample without spans')
    const leaf: Span = {
      ...parent,
      spanId: spanIdOf('fedcba9876543210'),
      parentSpanId: parent.spanId,
      flags: 0x101,
      name: LEAF,
      kind: 'internal',
      attributes: new Map(),
      events: [],
      status: { code: 'unset', message: '' },
    }
    const extended = verdictOf({ ...sample, file, spans: [...sample.spans, leaf] })
    expect(withoutSizes(extended)).toEqual(withoutSizes(verdictOf({ ...sample, file })))
  })
  fc.assert(property, RUNS)
})

test('the verdict does not depend on whether the program honours TRACEPARENT', () => {
  const own = {
    traceId: traceIdOf('fedcba98765432100123456789abcdef'),
    spanId: spanIdOf('fedcba9876543210'),
  }
  const property = fc.property(storySamples(), (sample) => {
    fc.pre(!hasFragment(sample))
    const honouring = sample.spans.map((span) => ({
      ...span,
      traceId: own.traceId,
      parentSpanId: span.parentSpanId ?? own.spanId,
      flags: span.parentSpanId === undefined ? 0x301 : span.flags,
    }))
    const spans = withoutOwnRoot(honouring, own)
    expect(withoutTraceIds(verdictOf({ ...sample, spans }))).toEqual(
      withoutTraceIds(verdictOf(sample)),
    )
  })
  fc.assert(property, RUNS)
})

const LEAF = 'an extra leaf'

function ignoringLeaves(file: Sample['file']): Sample['file'] {
  const identity = {
    operationName: { kind: 'eq' as const, value: LEAF },
    serviceName: undefined,
    kind: undefined,
    where: [],
  }
  const rule = { at: file.spec.at, identity, errors: false }
  return { ...file, spec: { ...file.spec, ignore: [...file.spec.ignore, rule] } }
}

function namesAll(list: readonly Expectation[]): boolean {
  return list.every(
    ({ identity, children }) => identity.operationName !== undefined && namesAll(children),
  )
}

function shifted(span: Span, later: (time: Nanos) => Nanos): Span {
  const events = span.events.map((event) => ({ ...event, time: later(event.time) }))
  return { ...span, start: later(span.start), end: later(span.end), events }
}

function shiftedEnds(run: RunEvidence, later: (time: Nanos) => Nanos): RunEvidence {
  const lossyEnds = run.lossyEnds.map((end) => ({
    ...end,
    from: later(end.from),
    to: later(end.to),
  }))
  return { ...run, lossyEnds }
}

/** How many spans a case has and how long it lasted are facts about the capture, not the verdict. */
function withoutSizes(result: SpecResult): unknown {
  const items = result.cases.items.map((each) => ({ ...each, spans: 0, duration_ms: 0 }))
  return { ...result, cases: { ...result.cases, items } }
}

/** Trace ids stand also in commands. */
function withoutTraceIds(result: SpecResult): unknown {
  return JSON.parse(JSON.stringify(result).replaceAll(/\b[0-9a-f]{32}\b/g, ''))
}
