import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { allTools } from '../../src/mcp/tools.ts'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import type { Span } from '../../src/trace/span.ts'
import { place, type Place } from '../cli/tracespec.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { verifies } from '../verifies.ts'
import { connect, type Answered, type Host } from './host.ts'

const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children:
      - { operation_name: cart.price, expected_duration_ms: { max: 50 } }
      - operation_name: payment.authorize
`

const TRACES = 1200

function idOf(number: number): string {
  return number.toString(16).padStart(32, '0')
}

/** Every tenth lacks the payment, every 25th is slow. */
function shopTrace(number: number): readonly Span[] {
  const at = (offset: number): number => number * 1000 + offset
  const priced = at(10 + (number % 25 === 0 ? 80 : 20))
  const user = { user: `u${number % 7}` }
  const spans = [
    sketch({ id: 1, name: 'POST /checkout', from: at(0), to: at(300), attributes: user }),
    sketch({ id: 2, parent: 1, name: 'cart.price', from: at(10), to: priced }),
    sketch({ id: 3, parent: 1, name: 'payment.authorize', from: at(100), to: at(200) }),
  ]
  const kept = number % 10 === 0 ? spans.slice(0, 2) : spans
  return kept.map((span) => ({ ...span, traceId: traceIdOf(idOf(number)) }))
}

const numbers = Array.from({ length: TRACES }, (_, at) => at + 1)

/** Sends all traces in one run. */
async function captured(): Promise<Place> {
  const project = place({ 'checkout.trace.yaml': spec })
  project.write('traces.otlp.json', encodeTracesJson(numbers.flatMap(shopTrace)))
  project.write(
    'send.mjs',
    `import { readFile } from 'node:fs/promises'
     const body = await readFile('traces.otlp.json')
     const headers = { 'content-type': 'application/json', connection: 'close' }
     const url = process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces'
     await (await fetch(url, { method: 'POST', headers, body })).text()`,
  )
  await project.run(['run', '--', 'node', 'send.mjs'])
  return project
}

let project: Place
let host: Host

beforeAll(async () => {
  project = await captured()
  host = await connect(project, '2026-07-28', ['--toolsets', 'analysis'])
}, 60_000)

afterAll(async () => {
  await host[Symbol.asyncDispose]()
  project[Symbol.dispose]()
})

/** The call's answer, which keeps to its schema and has at most so many tokens. */
async function ask(
  tool: string,
  args: Record<string, unknown>,
  maxTokens = 2000,
): Promise<Record<string, unknown>> {
  const { structured, isError }: Answered = await host.call(tool, args)
  expect([isError, structured['error']]).toEqual([false, undefined])
  const { output } = (await allTools[tool]?.()) ?? {}
  expect(output?.safeParse(structured).error?.message).toBeUndefined()
  expect(Buffer.byteLength(JSON.stringify(structured)) / 4).toBeLessThanOrEqual(maxTokens)
  return structured
}

const verdict = {
  summary:
    '`checkout`: 1056 of 1200 traces pass (88 % of those decided, 95 % interval 86 % to 89.7 %); 144 fail. `payment.authorize`, `cart.price` fail and pass.',
  status: 'fail',
  traces: { judged: 1200, passed: 1056, failed: 144, open: 0, not_exercised: 0 },
  pass_rate: { rate: 0.88, low: 0.860391, high: 0.897184 },
  causes: {
    items: [
      { code: 'span_missing', traces: 120, at: 'specs/checkout.trace.yaml:6:9' },
      { code: 'condition_failed', traces: 48, at: 'specs/checkout.trace.yaml:5:61' },
    ],
  },
}

describe('validate_trace_collection', { timeout: 60_000 }, () => {
  test.for([
    ['the ids of 1,200 traces', { trace_ids: numbers.map(idOf) }],
    ['a query that finds 1,200 traces', { query: 'service=shop' }],
  ] as const)('judges %s one by one and tells how steady the spec is', async ([, args]) => {
    verifies('P-08')
    const startedMs = performance.now()
    const answer = await ask('validate_trace_collection', { spec: 'checkout', ...args })
    expect(performance.now() - startedMs).toBeLessThan(30_000)
    expect(answer).toMatchObject({
      ...verdict,
      pass_all: [
        { k: 3, likely: expect.closeTo(0.88 ** 3, 3) },
        { k: 5, likely: expect.closeTo(0.88 ** 5, 2) },
        { k: 10, likely: expect.closeTo(0.88 ** 10, 2) },
      ],
      expectations: {
        items: [
          {
            label: 'payment.authorize',
            stability: 'flaky',
            passed: 1080,
            failed: 120,
            durations: { spans: 1080, median_ms: 100, p95_ms: 100, max_ms: 100 },
          },
          {
            label: 'cart.price',
            stability: 'flaky',
            passed: 1152,
            failed: 48,
            durations: { spans: 1200, median_ms: 20, p95_ms: 20, max_ms: 80 },
          },
          { label: 'POST /checkout', stability: 'steady', passed: 1200, failed: 0 },
        ],
      },
    })
    const [step] = answer['next_steps'] as { tool: string; arguments: Record<string, unknown> }[]
    const worst = await ask(step?.tool ?? '', step?.arguments ?? {})
    expect(worst).toMatchObject({ status: 'fail', findings: { total: 2 } })
  })

  test('the worst are those with the most findings, each with one of them', async () => {
    const answer = await ask('validate_trace_collection', { spec: 'checkout', query: '', limit: 2 })
    expect(answer['worst']).toMatchObject({
      items: [
        { status: 'fail', findings: 2, finding: { code: expect.any(String) } },
        { status: 'fail', findings: 2 },
      ],
      shown: 2,
      how: 'limit: 50',
    })
  })

  test('a run is judged as a whole, an unknown id is named, and keeps it from passing', async () => {
    const good = [1, 2, 3].map(idOf)
    expect(
      await ask('validate_trace_collection', { spec: 'checkout', trace_ids: good }),
    ).toMatchObject({
      status: 'pass',
      pass_rate: { rate: 1, low: 0.438503, high: 1 },
      pass_all: [
        { k: 3, likely: 1 },
        { k: 5, likely: null },
        { k: 10, likely: null },
      ],
      next_steps: [],
    })
    const absent = 'f'.repeat(32)
    expect(
      await ask('validate_trace_collection', { spec: 'checkout', trace_ids: [...good, absent] }),
    ).toMatchObject({
      summary: expect.stringContaining('1 trace of those named is not there.'),
      status: 'inconclusive',
      traces: { judged: 3, unknown: { items: [absent] } },
    })
    expect(
      await ask('validate_trace_collection', { spec: 'checkout', trace_ids: ['last'], k: [1] }),
    ).toMatchObject({ status: 'fail', traces: { judged: 1, failed: 1 }, pass_all: [{ likely: 0 }] })
  })

  test('what the spec is not about is no failure of what a query finds', async () => {
    project.write(
      'specs/other.trace.yaml',
      'name: other\nexpected_spans: [{ operation_name: mail }]\n',
    )
    expect(
      await ask('validate_trace_collection', { spec: 'other', query: 'user=u1' }),
    ).toMatchObject({
      status: 'not_exercised',
      pass_rate: { rate: null },
      next_steps: [{ tool: 'get_traces' }],
    })
  })

  test.for([
    [{}, 'either trace_ids or query'],
    [{ trace_ids: ['last'], query: '' }, 'either trace_ids or query'],
    [{ query: 'duration>1' }, 'the filter is wrong at character 1, duration>1'],
  ] as const)('%j is refused with what is right', async ([args, message]) => {
    const { isError, structured } = await host.call('validate_trace_collection', {
      spec: 'checkout',
      ...args,
    })
    expect(isError).toBe(true)
    expect(structured['summary']).toContain(message)
  })
})

describe('percentiles over a collection', { timeout: 60_000 }, () => {
  const timed = (name: string, bound: string): string =>
    `name: ${name}\nexpected_spans: [{ id: price, operation_name: cart.price }]\nperformance_constraints:\n  percentiles: [{ span: price, ${bound} }]\n`

  // 1,152 of 1,200 take 20 ms, 48 take 80 ms. By the binomial p90 lies in ranks 1060 to 1101, p95 in 1125 to 1155, p99 in 1181 to 1195.
  test.for([
    ['holds', 'p90_ms: 50', 'pass', 20],
    ['fails', 'p99_ms: 50', 'fail', 80],
    ['is-open', 'p95_ms: 50', 'inconclusive', 20],
  ] as const)(
    'a percentile that %s is judged once over all traces',
    async ([name, bound, status, observed]) => {
      verifies('P-05')
      project.write(`specs/${name}.trace.yaml`, timed(name, bound))
      const answer = await ask('validate_trace_collection', { spec: name, query: 'service=shop' })
      expect(answer).toMatchObject({
        status,
        traces: { judged: 1200, passed: 1200, failed: 0, open: 0 },
        percentiles: {
          items: [
            { label: 'cart.price', check: bound.split(':')[0], observed_ms: observed, status },
          ],
        },
      })
    },
  )

  test('few traces leave it open and say how many are needed; a trace that is named twice is one', async () => {
    project.write('specs/few.trace.yaml', timed('few', 'p95_ms: 50'))
    const twice = numbers.slice(0, 40).flatMap((at) => [idOf(at), `trace:${idOf(at)}`])
    const answer = await ask('validate_trace_collection', { spec: 'few', trace_ids: twice })
    expect(answer).toMatchObject({
      summary: expect.stringContaining('There are 40 cases with it, and 59 are needed.'),
      status: 'inconclusive',
      traces: { judged: 40 },
      percentiles: { items: [{ status: 'inconclusive' }] },
    })
  })

  test('what is named and not there leaves open what all others hold', async () => {
    project.write('specs/lacking.trace.yaml', timed('lacking', 'p90_ms: 50'))
    const named = [...numbers.map(idOf), 'f'.repeat(32)]
    const answer = await ask('validate_trace_collection', { spec: 'lacking', trace_ids: named })
    expect(answer).toMatchObject({
      status: 'inconclusive',
      percentiles: { items: [{ status: 'inconclusive' }] },
    })
  })
})

describe('search_traces', () => {
  test('finds by attribute and duration, names the spans that match, and goes on by its cursor', async () => {
    verifies('P-06')
    const query = 'operation=cart.price duration>50ms'
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await ask(
        'search_traces',
        { query, limit: 20, ...(cursor === null ? {} : { cursor }) },
        3000,
      )
      expect(page['traces']).toMatchObject({ total: 48 })
      const { items } = page['traces'] as { items: { trace_id: string; matches: object }[] }
      expect(items[0]?.matches).toMatchObject({
        items: [{ name: 'cart.price', duration_ms: 80, span_id: '0000000000000002' }],
      })
      seen.push(...items.map(({ trace_id }) => trace_id))
      cursor = page['next_cursor'] as string | null
    } while (cursor !== null)
    expect(seen).toEqual(
      numbers
        .filter((at) => at % 25 === 0)
        .toReversed()
        .map(idOf),
    )
  })

  test('leads to the span that matches', async () => {
    const { next_steps: steps } = await ask('search_traces', { query: 'user=u3', limit: 1 })
    const [step] = steps as { tool: string; arguments: Record<string, unknown> }[]
    expect(step).toMatchObject({
      tool: 'get_trace_by_id',
      arguments: { trace_id: expect.any(String), span_id: '0000000000000001' },
    })
    const { isError } = await host.call(step?.tool ?? '', step?.arguments)
    expect(isError).toBe(false)
  })

  test('get_traces takes the same words beside its arguments', async () => {
    const both = { service_name: 'shop', query: 'user=u2 duration>=300ms' }
    const { traces } = await ask('get_traces', { ...both, limit: 3 })
    const { traces: searched } = await ask('search_traces', {
      query: 'service=shop user=u2 duration>=300ms',
      limit: 3,
    })
    const ids = (found: unknown): unknown =>
      (found as { items: { trace_id: string }[] }).items.map(({ trace_id }) => trace_id)
    expect(ids(traces)).toEqual(ids(searched))
    const { structured } = await host.call('get_traces', { ...both, query: 'service=till' })
    expect(structured['summary']).toContain('service is asked to be shop and till')
  })

  test('a wrong query is told with its place and a right one', async () => {
    const { isError, structured } = await host.call('search_traces', {
      query: 'service=shop status=bad',
    })
    expect([isError, structured['error']]).toMatchObject([
      true,
      {
        code: 'USAGE',
        message:
          'the filter is wrong at character 14, status=bad: status is one of error, ok, unset',
        hint: 'write it as status=error',
      },
    ])
  })
})
