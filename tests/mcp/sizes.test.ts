import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { place } from '../cli/tracespec.ts'
import { sketch, TRACE_ID } from '../report/spans.ts'
import { emitter } from './emit.ts'
import { connect } from './host.ts'

/** Four bytes each. */
function tokens(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) / 4
}

const names = ['cart.load', 'stock.reserve', 'payment.authorize', 'mail.enqueue', 'order.write']

const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children:
${names.map((name) => `      - operation_name: ${name}-v2\n        expected_duration_ms: { max: 100 }\n        required_tags: { peer.service: backend }`).join('\n')}
unexpected_spans: fail
`

test('the failed verdict of a run with 30 spans takes at most 1,000 tokens', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  const children = Array.from({ length: 29 }, (_, at) => ({ name: names[at % 5] ?? '', parent: 0 }))
  project.write(
    'run.mjs',
    emitter([{ name: 'POST /checkout' }, ...children], Array(500).fill('a line of output')),
  )
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('execute_and_capture', {
    command: 'node',
    args: ['run.mjs'],
  })
  expect(structured).toMatchObject({ status: 'fail', captured: { spans: 30 } })
  expect(tokens(structured)).toBeLessThanOrEqual(1000)
  const { items } = structured['specs'] as { items: { findings: Cut }[] }
  expect(items[0]?.findings.shown).toBeGreaterThan(3)
  expectCounted(structured)

  const all = await host.call('compare_trace_to_spec', {
    trace: 'last',
    spec: 'checkout',
    limit: 50,
  })
  expect((all.structured['findings'] as Cut).omitted).toBe(0)
})

test('every answer about a trace of 100,000 spans takes at most 2,000 tokens', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  const spans = Array.from({ length: 100_000 }, (_, at) =>
    sketch({
      id: at + 1,
      ...(at === 0 ? {} : { parent: Math.ceil(at / 10) }),
      name: at === 0 ? 'POST /checkout' : `${names[at % 5] ?? ''}.${at % 977}`,
      from: Math.log2(at + 1),
      to: 1000 - Math.log2(at + 1),
    }),
  )
  project.write('big.otlp.json', encodeTracesJson(spans))
  project.write(
    'send.mjs',
    `import { readFile } from 'node:fs/promises'
     const body = await readFile('big.otlp.json')
     const headers = { 'content-type': 'application/json', connection: 'close' }
     const url = process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces'
     await (await fetch(url, { method: 'POST', headers, body })).text()`,
  )
  await using host = await connect(project, '2026-07-28')
  const ran = await host.call('execute_and_capture', { command: 'node', args: ['send.mjs'] })
  expect(ran.structured).toMatchObject({ status: 'fail', captured: { spans: 100_000 } })
  const answers = [
    ran,
    await host.call('compare_trace_to_spec', { trace: 'big.otlp.json', spec: 'checkout' }),
    await host.call('get_traces'),
    await host.call('get_trace_by_id', { trace_id: TRACE_ID }),
    await host.call('get_trace_by_id', { trace_id: TRACE_ID, detail: 'summary' }),
    await host.call('get_trace_by_id', { trace_id: TRACE_ID, detail: 'spans' }),
    await host.call('analyze_trace', { trace_id: TRACE_ID }),
  ]
  for (const { structured, isError } of answers) {
    expect(isError).toBe(false)
    expect(tokens(structured)).toBeLessThanOrEqual(2000)
    expectCounted(structured)
  }
}, 180_000)

interface Cut {
  readonly items: readonly unknown[]
  readonly shown: number
  readonly omitted: number
  readonly total: number
  readonly how: string | null
}

/** Every list says what it leaves out and how to get it. */
function expectCounted(answer: unknown): void {
  const lists = listsIn(answer)
  expect(lists.length).toBeGreaterThan(0)
  expect(lists.filter((list) => !isCounted(list))).toEqual([])
}

function listsIn(value: unknown): Cut[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(listsIn)
  return 'items' in value && 'how' in value ? [value as Cut, ...inside] : inside
}

function isCounted({ items, shown, omitted, total, how }: Cut): boolean {
  return shown === items.length && shown + omitted === total && (how === null) === (omitted === 0)
}
