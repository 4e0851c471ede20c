import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import { extentsOf, viewWithinParents } from '../../src/analyze/extent.ts'
import { timingOf } from '../../src/analyze/timing.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Span } from '../../src/trace/span.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const resources = [resource('shop'), resource('payment'), resource('stock')]

/** Any soup: several roots, missing parents, cycles, shared ids, children before, after and around their parents. */
const soups: fc.Arbitrary<readonly Span[]> = fc
  .array(
    fc.record({
      id: fc.integer({ min: 1, max: 25 }),
      parent: fc.option(fc.integer({ min: 1, max: 25 })),
      start: fc.integer({ min: 0, max: 60 }),
      length: fc.integer({ min: -5, max: 60 }),
      kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
      name: fc.constantFrom('a', 'b', 'c'),
      service: fc.constantFrom(...resources),
      failed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((drawn) =>
    drawn.map(({ id, parent, start, length, kind, name, service, failed }) =>
      span({
        id,
        ...(parent === null ? {} : { parent }),
        start,
        end: start + length,
        kind,
        name,
        resource: service,
        status: { code: failed ? 'error' : 'unset', message: '' },
      }),
    ),
  )

test('segments do not overlap and together are exactly the root', () => {
  verifies('P-09')
  fc.assert(
    fc.property(soups, (spans) => {
      const { root, segments, times } = timingOf(buildTrace(spans))
      const own = root === undefined ? undefined : times[root]
      let reached = own?.start
      for (const { start, end } of segments) {
        expect(start).toBe(reached)
        expect(end).toBeGreaterThan(start)
        reached = end
      }
      expect(reached).toBe(own?.end)
    }),
  )
})

test('a span is no longer on the critical path than by itself, unless its children overlap', () => {
  fc.assert(
    fc.property(soups, (spans) => {
      const { critical, self, trace, times } = timingOf(buildTrace(spans))
      const longer = trace.spans.filter((_, index) => {
        const children = (trace.children[index] ?? []).flatMap((child) => times[child] ?? [])
        if (children.some((one, at) => one.start < (children[at - 1]?.end ?? 0n))) return false
        return (critical[index] ?? 0n) > (self[index]?.total ?? -1n)
      })
      expect(longer).toEqual([])
    }),
  )
})

test('a view within the parents stays as it is when it is taken again', () => {
  fc.assert(
    fc.property(soups, (spans) => {
      const { trace, parentsFirst } = timingOf(buildTrace(spans))
      const once = viewWithinParents(trace, extentsOf(trace), parentsFirst)
      expect(viewWithinParents(trace, once, parentsFirst)).toEqual(once)
    }),
  )
})

test('the order in which spans came does not matter', () => {
  fc.assert(
    fc.property(soups, fc.infiniteStream(fc.nat()), (spans, keys) => {
      const shuffled = spans
        .map((one) => ({ one, key: keys.next().value ?? 0 }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one)
      expect(analyzed(shuffled)).toEqual(analyzed(spans))
    }),
  )
})

test('when the trace happened does not matter', () => {
  fc.assert(
    fc.property(soups, fc.bigInt({ min: 1n, max: 2n ** 62n }), (spans, shift) => {
      const shifted = spans.map((one) => ({
        ...one,
        start: nanosOf(one.start + shift),
        end: nanosOf(one.end + shift),
      }))
      expect(analyzed(shifted)).toEqual(analyzed(spans))
    }),
  )
})

test('the trace stays as it is, and every list counts what it leaves out', () => {
  fc.assert(
    fc.property(soups, fc.integer({ min: 1, max: 5 }), (spans, limit) => {
      const trace = buildTrace(spans)
      const before = structuredClone(trace)
      const { errors, slowest, services, tree } = analyzeTrace(trace, { limit })
      expect(trace).toEqual(before)
      for (const list of [errors, slowest.by_duration, services, tree.roots, tree.clipped]) {
        expect(list.items).toHaveLength(list.shown)
        expect(list.shown).toBe(Math.min(limit, list.total))
        expect(list.omitted).toBe(list.total - list.shown)
        expect(list.how === null).toBe(list.omitted === 0)
      }
    }),
  )
})

test('what is told is plain JSON', () => {
  fc.assert(
    fc.property(soups, (spans) => {
      const analysis = analyzed(spans)
      expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
    }),
  )
})

function analyzed(spans: readonly Span[]): ReturnType<typeof analyzeTrace> {
  return analyzeTrace(buildTrace(spans), { limit: 100 })
}
