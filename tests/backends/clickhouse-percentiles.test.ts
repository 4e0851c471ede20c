import { afterAll, beforeAll, expect, test } from 'vitest'
import { check } from '../../src/app/check.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { clickHouseLosses } from '../../src/sources/clickhouse-columns.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { place, type Place } from '../cli/tracespec.ts'
import { hex, idOf, traceOf } from '../conformance/sources/traces.ts'
import { connect } from '../mcp/host.ts'
import { verifies } from '../verifies.ts'
import { endpointOf, urlOf } from './servers.ts'
import { toClickHouse } from './writers.ts'

const TRACES = 2_000
const service = `ranked-${hex(4)}`

// A minute that no other test writes into, hours ago; 7 and 2,000 have no common factor, so that each duration occurs once.
const ageMs = 3 * 3_600_000 + Number.parseInt(hex(3), 16)
const traces = Array.from({ length: TRACES }, (_, at) =>
  traceOf({
    service,
    operation: 'work',
    ageMs: ageMs - at * 20,
    durationMs: 1 + ((at * 7) % TRACES),
  }),
)

/** Among the newest; one trace has two such spans, the others one. */
const uneven = Array.from({ length: 120 }, (_, at) =>
  traceOf({
    service: `${service}-uneven`,
    operation: 'work',
    ageMs: ageMs - (TRACES - 1 - at) * 20,
    durationMs: 5,
  }),
).map((spans, at) => (at === 7 ? [...spans, ...again(spans)] : spans))

function again([root]: readonly Span[]): readonly Span[] {
  const [other] = traceOf({ service: `${service}-uneven`, operation: 'work', ageMs, durationMs: 9 })
  if (root === undefined || other === undefined) throw new RangeError('a trace without a span')
  return [
    { ...other, traceId: root.traceId, start: root.start, end: nanosOf(root.start + 9_000_000n) },
  ]
}

/** The root of the first trace began before it; its child did not. */
function windowText(): string {
  const starts = traces.map(([root]) => root?.start ?? 0n)
  const moment = (nanos: bigint): string => new Date(Number(nanos / 1_000_000n)).toISOString()
  return `since:${moment((starts[0] ?? 0n) + 1_000_000n)}..${moment((starts.at(-1) ?? 0n) + 1_000_000n)}`
}

function specText(bound: string, more = '', of = service): string {
  return `name: ranked
expected_spans:
  - id: work
    operation_name: work
    service_name: ${of}
${more}performance_constraints:
  percentiles: [{ span: work, ${bound} }]
`
}

let project: Place

beforeAll(async () => {
  project = place()
  project.write(
    'tracespec.yaml',
    `backends:\n  warehouse: { type: clickhouse, endpoint: "${urlOf('CLICKHOUSE_URL').href}", database: otel }\n`,
  )
  await toClickHouse.write(traces.flat())
  await toClickHouse.write(uneven.flat())
})

afterAll(() => project[Symbol.dispose]())

interface Judged {
  readonly status: string
  readonly check: unknown
  readonly checks: readonly unknown[]
  readonly reasons: readonly string[]
}

/** What `tracespec check` makes of the time. */
async function judged(text: string): Promise<Judged & { readonly code: number | null }> {
  project.write('specs/ranked.trace.yaml', text)
  const { code, stdout } = await project.run([
    'check',
    windowText(),
    '--from',
    'warehouse',
    '--spec',
    'ranked',
    '--json',
  ])
  const { specs, evidence } = JSON.parse(stdout)
  const [result] = specs as readonly SpecResult[]
  return { code, ...toldBy(result), reasons: sentencesOf(evidence.reasons) }
}

function toldBy(result: SpecResult | undefined): Omit<Judged, 'reasons'> {
  const all = result?.expectations[0]?.checks ?? []
  const checks = all.filter(({ condition }) => /^p\d+_ms$/.test(condition))
  return { status: result?.status ?? 'none', check: checks[0], checks }
}

function sentencesOf(reasons: readonly { readonly code: string }[]): readonly string[] {
  return [...new Set(reasons.map(({ code }) => code))].toSorted()
}

// The n-th fastest takes n ms. By the binomial p90 of 2,000 lies in ranks 1774 to 1827, p95 in 1881 to 1920.
const [holds, isOpen, fails] = [
  { bound: 'p90_ms: 1827', status: 'pass', observed: 1800 },
  { bound: 'p90_ms: 1826', status: 'inconclusive', observed: 1800 },
  { bound: 'p90_ms: 1773', status: 'fail', observed: 1800 },
] as const
const bounds = [
  holds,
  isOpen,
  { bound: 'p90_ms: 1774', status: 'inconclusive', observed: 1800 },
  fails,
  { bound: 'p95_ms: 1920', status: 'pass', observed: 1900 },
  { bound: 'p95_ms: 1919', status: 'inconclusive', observed: 1900 },
  { bound: 'p95_ms: 1881', status: 'inconclusive', observed: 1900 },
  { bound: 'p95_ms: 1880', status: 'fail', observed: 1900 },
  { bound: 'p90_ms: 1827, min_runs: 2001', status: 'inconclusive', observed: 1800 },
] as const

function checkOf({ bound, status, observed }: (typeof bounds)[number]): object {
  const [condition = '', expected] = bound.split(/: |,/)
  return { condition, expected: Number(expected), observed, status }
}

test.for([holds, isOpen, fails])(
  'over 2,000 traces of which 100 are read $bound is $status',
  async (row) => {
    verifies('P-05')
    verifies('P-22')
    const passing = 'traces: { passing: any }\n'
    const { status, check, code, reasons } = await judged(specText(row.bound, passing))
    expect({ status, check, code }).toEqual({
      status: row.status,
      check: checkOf(row),
      code: { pass: 0, fail: 1, inconclusive: 3 }[row.status],
    })
    expect(reasons).toEqual(['sorted_by_source', 'trace_settled', 'window_cut'])
  },
)

test('every bound is decided at the exact ranks', async () => {
  const [first, ...rest] = bounds.map(({ bound }) => bound)
  const { checks } = await judged(specText([first, ...rest].join(' }, { span: work, ')))
  expect(checks).toEqual(bounds.map(checkOf))
})

test('the cases that were not read stay open beside a percentile that holds', async () => {
  const { status, check } = await judged(specText(holds.bound))
  expect({ status, check }).toEqual({ status: 'inconclusive', check: checkOf(holds) })
})

test('reading every trace gives the same', { timeout: 300_000 }, async () => {
  verifies('X-11')
  using source = openClickHouse(endpointOf('CLICKHOUSE_URL'), { database: 'otel' })
  const spans: Span[] = []
  for (let at = 0; at < TRACES; at += 50) {
    const some = await Promise.all(
      traces.slice(at, at + 50).map((each) => source.trace(idOf(each))),
    )
    for (const read of some) spans.push(...(read?.spans ?? []))
  }
  const capture = {
    traces: buildTraces(spans),
    source: 'all',
    run: { complete: true, reasons: [], lossyEnds: [] },
    losses: clickHouseLosses,
    exercisedBefore: [],
    settled: [],
    pages: [],
  }
  const decided = bounds.map(({ bound }) => {
    const { spec } = parseSpec(specText(bound), { file: 's.yaml' })
    if (spec === undefined) throw new Error('no spec')
    const specs = [{ spec, path: 's.yaml', sha256: '', warnings: [] }]
    const asked = { traces: [], specs: [], common_options: [], run_options: [] }
    const outcome = check({ version: '0', asked, specs, capture, requireAll: false })
    const { status, check: told } = toldBy(outcome.specs[0])
    return { status, check: told }
  })
  expect(decided).toEqual(bounds.map((row) => ({ status: row.status, check: checkOf(row) })))
})

test.for([
  ['a trace has several such spans', specText('p90_ms: 9999', '', `${service}-uneven`)],
  ['the source is not asked for it', specText('p90_ms: 9999', '    kind: server\n')],
] as const)('what was left out stays open where %s', async ([, text]) => {
  const { status, check, reasons } = await judged(text)
  expect({ status, check, reasons }).toEqual({
    status: 'inconclusive',
    check: expect.objectContaining({ condition: 'p90_ms', status: 'inconclusive' }),
    reasons: ['trace_settled', 'window_cut'],
  })
})

test('compare_trace_to_spec has the source sort too', async () => {
  verifies('P-27')
  project.write('specs/ranked.trace.yaml', specText(fails.bound))
  await using host = await connect(project, '2026-07-28')
  const args = { trace: windowText(), spec: 'ranked', from: 'warehouse' }
  const { structured } = await host.call('compare_trace_to_spec', args)
  expect(structured).toMatchObject({ status: 'fail' })
  expect(JSON.stringify(structured['findings'])).toContain('by 2000 cases')
})
