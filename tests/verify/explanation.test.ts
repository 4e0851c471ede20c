import { expect, test } from 'vitest'
import { ref, traceOf, type Sketch } from '../report/spans.ts'
import { verifies } from '../verifies.ts'
import { findingOf, judged } from './judged.ts'

const CHECKOUT: Sketch = { id: 1, name: 'POST /checkout', kind: 'server', from: 0, to: 100 }
const CHARGE: Sketch = { id: 2, parent: 1, name: 'charge', service: 'payment', from: 10, to: 50 }
const SPEC = `
name: checkout
expected_spans:
  - operation_name: POST /checkout
    children:
      - { operation_name: charge, service_name: payment }
      - { operation_name: inventory.reserve, required_tags: { stock: 1 } }
`

test('a missing span is told with the span that came nearest and the one condition that it failed', () => {
  verifies('X-03', 'P-07')
  const check = { id: 3, parent: 1, name: 'inventory.check', from: 50, to: 60 }
  const result = judged(SPEC, [traceOf(CHECKOUT, CHARGE, check)])
  expect(findingOf(result, 'span_missing')).toEqual({
    code: 'span_missing',
    status: 'fail',
    at: 'spec.yaml:7:9',
    case: 0,
    expectation: 'expected_spans[0].children[1]',
    label: 'inventory.reserve',
    min: 1,
    observed: 0,
    parent: ref(1, 'POST /checkout'),
    required_below: 0,
    nearest: {
      span: ref(3, 'inventory.check'),
      parent: ref(1, 'POST /checkout'),
      failed: {
        condition: 'operation_name',
        expected: 'inventory.reserve',
        observed: 'inventory.check',
        found_in: null,
        seen_as: null,
      },
      failed_count: 2,
    },
  })
})

test('a span that differs only in its name, and little, is renamed', () => {
  const renamed = {
    id: 3,
    parent: 1,
    name: 'inventory.reserved',
    from: 50,
    to: 60,
    attributes: { stock: 1n },
  }
  const result = judged(SPEC, [traceOf(CHECKOUT, CHARGE, renamed)])
  expect(findingOf(result, 'span_renamed')?.span).toEqual(ref(3, 'inventory.reserved'))
  expect(findingOf(result, 'span_missing')).toBeUndefined()
})

test('a span that stands below another parent is moved', () => {
  const moved = {
    id: 3,
    parent: 2,
    name: 'inventory.reserve',
    from: 20,
    to: 30,
    attributes: { stock: 1n },
  }
  const result = judged(SPEC, [traceOf(CHECKOUT, CHARGE, moved)])
  expect(findingOf(result, 'span_moved')).toMatchObject({
    span: ref(3, 'inventory.reserve'),
    under: ref(2, 'charge', 'payment'),
    parent: ref(1, 'POST /checkout'),
  })
})

test('nothing is called near that is not', () => {
  const other = { id: 3, parent: 2, name: 'gc', service: 'jvm', from: 20, to: 30 }
  const result = judged(SPEC, [traceOf(CHECKOUT, CHARGE, other)])
  expect(findingOf(result, 'span_missing')?.nearest).toBeNull()
})

test('a span with the right identity and a wrong tag is found, not missing', () => {
  const wrong = {
    id: 3,
    parent: 1,
    name: 'inventory.reserve',
    from: 50,
    to: 60,
    attributes: { stock: 2n },
  }
  const result = judged(SPEC, [traceOf(CHECKOUT, CHARGE, wrong)])
  expect(result.findings.items.map((finding) => finding.code)).toEqual(['condition_failed'])
  expect(findingOf(result, 'condition_failed')).toMatchObject({
    at: 'spec.yaml:7:63',
    condition: 'required_tags.stock',
    expected: 1,
    observed: 2,
    found_in: 'span',
    span: ref(3, 'inventory.reserve'),
  })
})

const POSTS = [
  { id: 2, parent: 1, name: 'POST', kind: 'client', from: 10, to: 20, attributes: { to: 'stock' } },
  { id: 3, parent: 1, name: 'POST', kind: 'client', from: 20, to: 30, attributes: { to: 'bank' } },
] satisfies readonly Sketch[]

test.for([
  ['required_tags: { to: stock }', { field: 'where', name: 'to', value: 'stock' }, POSTS],
  [
    'count: 1',
    { field: 'kind', name: null, value: 'client' },
    [POSTS[0], { ...POSTS[1], kind: 'internal' }],
  ],
  [
    'count: 1',
    { field: 'service_name', name: null, value: 'shop' },
    [POSTS[0], { ...POSTS[1], service: 'worker' }],
  ],
  ['count: 1', null, POSTS],
] as const)('too many spans under %s propose %o', ([condition, proposal, spans]) => {
  const spec = `
name: one_post
expected_spans:
  - operation_name: POST /checkout
    children: [{ operation_name: POST, ${condition} }]
`
  const result = judged(spec, [traceOf(CHECKOUT, ...(spans as readonly Sketch[]))])
  expect(findingOf(result, 'span_excess')?.tell_apart).toEqual(proposal)
})

test('a count that is open leaves a failed condition, which proposes to select by it', () => {
  const spec = `
name: posts
expected_spans:
  - operation_name: POST /checkout
    children: [{ operation_name: POST, count: { min: 1, max: 5 }, required_tags: { to: stock } }]
`
  const result = judged(spec, [traceOf(CHECKOUT, ...POSTS)])
  expect(findingOf(result, 'condition_failed')).toMatchObject({
    span: ref(3, 'POST'),
    spans: 1,
    tell_apart: { field: 'where', name: 'to', value: 'stock' },
  })
})

test('a failing spec that no case applies to tells the entry that came nearest', () => {
  const browse = { id: 9, name: 'POST /checkouts', kind: 'server', from: 0, to: 9 } as const
  const result = judged(SPEC, [traceOf(browse)])
  expect(result.status).toBe('fail')
  expect(findingOf(result, 'no_case')?.nearest?.span).toEqual(ref(9, 'POST /checkouts'))
})
