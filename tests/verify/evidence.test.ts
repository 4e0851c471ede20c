import { expect, test } from 'vitest'
import type { LossyEnd, RunEvidence } from '../../src/trace/evidence.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import { sketch, spanIdOf, TRACE_ID, traceIdOf, traceOf, type Sketch } from '../report/spans.ts'
import { verifies } from '../verifies.ts'
import { COMPLETE, findingOf, judged } from './judged.ts'

const EPOCH = 1_790_000_000_000_000_000n
const at = (ms: number): ReturnType<typeof nanosOf> => nanosOf(EPOCH + BigInt(ms) * 1_000_000n)

function killed(pid: number, ms: number, traceIds: LossyEnd['traceIds'] = []): RunEvidence {
  const reason = {
    code: 'ended_by_signal',
    pid,
    command: 'node app.js',
    signal: 'SIGKILL',
  } as const
  const end = { pid, from: at(ms - 200), to: at(ms), reason, traceIds }
  return { complete: false, reasons: [reason], lossyEnds: [end] }
}

const SERVED: Sketch = { id: 1, name: 'GET /a', kind: 'server', from: 0, to: 100 }
const ONE_CHILD = `
name: a
expected_spans: [{ operation_name: GET /a, children: [{ operation_name: work }] }]
`

test('what is absent on complete evidence is missing', () => {
  verifies('X-01')
  expect(judged(ONE_CHILD, [traceOf(SERVED)]).status).toBe('fail')
})

test('what is absent in the last two export delays of a killed process is open', () => {
  verifies('X-01', 'X-02')
  const result = judged(ONE_CHILD, [traceOf(SERVED)], killed(7, 150))
  expect(result.status).toBe('inconclusive')
  expect(findingOf(result, 'undecided')).toMatchObject({
    check: 'traces',
    reasons: [{ code: 'ended_by_signal', pid: 7 }],
  })
})

test('what was over before the last two export delays is decided', () => {
  expect(judged(ONE_CHILD, [traceOf(SERVED)], killed(7, 5_000)).status).toBe('fail')
})

test('a case in which another process was at work is not opened by its end', () => {
  const own = { ...SERVED, attributes: {} }
  const span = sketch(own)
  const resource = {
    ...span.resource,
    attributes: new Map([...span.resource.attributes, ['process.pid', 8n]]),
  }
  const [trace] = buildTraces([{ ...span, resource }])
  expect(judged(ONE_CHILD, trace === undefined ? [] : [trace], killed(7, 150)).status).toBe('fail')
})

test('a trace of which finished spans were seen waiting is open whenever it ran', () => {
  expect(judged(ONE_CHILD, [traceOf(SERVED)], killed(7, 5_000, [TRACE_ID])).status).toBe(
    'inconclusive',
  )
  const other = traceIdOf('0af7651916cd43dd8448eb211c80319c')
  expect(judged(ONE_CHILD, [traceOf(SERVED)], killed(7, 5_000, [other])).status).toBe('fail')
})

test('passing cases of a run that may have lost further ones are no pass', () => {
  const work = { id: 2, parent: 1, name: 'work', from: 1, to: 2 }
  expect(judged(ONE_CHILD, [traceOf(SERVED, work)], killed(7, 5_000)).status).toBe('inconclusive')
  expect(judged(ONE_CHILD, [traceOf(SERVED, work)]).status).toBe('pass')
})

test('with passing: any one passing case is enough, whatever else was lost', () => {
  const work = { id: 2, parent: 1, name: 'work', from: 1, to: 2 }
  const spec = `${ONE_CHILD}traces: { passing: any }\n`
  expect(judged(spec, [traceOf(SERVED, work)], killed(7, 5_000)).status).toBe('pass')
})

const CALL: Sketch = {
  id: 2,
  parent: 1,
  name: 'POST',
  kind: 'client',
  from: 10,
  to: 20,
  attributes: { 'server.address': 'bank' },
}
const ANSWER: Sketch = {
  id: 3,
  parent: 2,
  name: 'pay',
  kind: 'server',
  service: 'bank',
  from: 11,
  to: 19,
}
const LATER_CALL: Sketch = { ...CALL, id: 4, from: 30, to: 40 }
const TWO_PAYMENTS = `
name: pays
expected_spans: [{ operation_name: GET /a, children: [{ operation_name: pay, count: 2 }, { operation_name: log }] }]
`

test('a call without an answer is a hole when its address had answered and fell silent', () => {
  verifies('X-02')
  const result = judged(TWO_PAYMENTS, [traceOf(SERVED, CALL, ANSWER, LATER_CALL)])
  const open = result.expectations.map(({ label, status }) => [label, status])
  expect(open).toEqual([
    ['GET /a', 'inconclusive'],
    ['pay', 'inconclusive'],
    ['log', 'inconclusive'],
  ])
  expect(result.cases.items[0]?.evidence.reasons).toEqual([
    { code: 'hole', span: 'POST', span_id: spanIdOf(4) },
  ])
})

test('it is none when something later came from the process there', () => {
  const later = { ...ANSWER, id: 5, parent: 1, name: 'flush', from: 50, to: 60 }
  expect(judged(TWO_PAYMENTS, [traceOf(SERVED, CALL, ANSWER, LATER_CALL, later)]).status).toBe(
    'fail',
  )
})

test('a hole opens only what could hang below it', () => {
  const spec = `
name: direct
expected_spans: [{ operation_name: GET /a, children: [{ operation_name: log, relation: direct }] }]
`
  const result = judged(spec, [traceOf(SERVED, CALL, ANSWER, LATER_CALL)])
  expect(result.status).toBe('fail')
  expect(findingOf(result, 'span_missing')?.label).toBe('log')
})

test('a call that ended as another process was killed is a hole', () => {
  const served = { ...SERVED, to: 45 }
  const run: RunEvidence = killed(7, 150)
  const spans = [served, LATER_CALL].map(sketch).map((span) => ({
    ...span,
    resource: {
      ...span.resource,
      attributes: new Map([...span.resource.attributes, ['process.pid', 8n]]),
    },
  }))
  const result = judged(ONE_CHILD, buildTraces(spans), run)
  expect(result.status).toBe('inconclusive')
  expect(result.cases.items[0]?.evidence.reasons[0]?.code).toBe('hole')
})

test('an excess, a slow span and a forbidden span fail on partial evidence too', () => {
  verifies('X-01')
  const spec = (part: string): string =>
    `name: a\nexpected_spans: [{ operation_name: GET /a${part} }]\n`
  const two = traceOf(SERVED, { ...SERVED, id: 2, parent: 1, kind: 'internal' })
  const run = killed(7, 150)
  expect(judged(spec(''), [two], run).status).toBe('fail')
  expect(judged(spec(', expected_duration_ms: { max: 50 }'), [traceOf(SERVED)], run).status).toBe(
    'fail',
  )
  expect(
    judged('name: a\nforbidden_spans: [{ operation_name: GET /a }]\n', [traceOf(SERVED)], run)
      .status,
  ).toBe('fail')
})

test('without a run a lost parent opens its trace', () => {
  const orphan = { ...CALL, parent: 99 }
  const result = judged(
    'name: c\nexpected_spans: [{ operation_name: POST }, { operation_name: gone }]\n',
    [traceOf(orphan)],
    undefined,
  )
  expect(result.status).toBe('inconclusive')
  expect(result.cases.items[0]).toMatchObject({
    root: null,
    evidence: { complete: false, reasons: [{ code: 'parent_lost', spans: ['POST'] }] },
  })
})

test('a list that is cut says so', () => {
  const many = Array.from({ length: 80 }, (_, index) => ({
    id: index + 2,
    parent: 1,
    name: 'work',
    from: index,
    to: index + 1,
  }))
  const spec = `
name: each
expected_spans: [{ operation_name: GET /a, children: [{ operation_name: work, count: 80, children: [{ operation_name: sub }] }] }]
`
  const { findings, summary } = judged(spec, [traceOf(SERVED, ...many)], COMPLETE)
  expect({ ...findings, items: findings.items.length }).toMatchObject({
    items: 50,
    shown: 50,
    omitted: 30,
    total: 80,
  })
  expect(findings.how).not.toBeNull()
  expect(summary.missing).toBe(80)
})
