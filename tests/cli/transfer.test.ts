import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { traceForms } from '../../src/trace/trace-form.ts'
import { verifies } from '../verifies.ts'
import { fixture, place, type Place } from './tracespec.ts'

const rich = fixture('fixtures/traces/recorded/rich.otlp.pb')
const richId = '00000000000000007d5c1c2e9a3b4f60'
const zipkin = fixture('fixtures/traces/zipkin/ascend.json')

/** Facts that every form holds, of a trace with nanoseconds, errors and three services. */
const spec = (route: string): string => `name: checkout
applies_to: { operation_name: POST /checkout }
expected_spans:
  - operation_name: POST /checkout
    service_name: shop
    kind: server
    expected_duration_ms: { max: 500 }
    required_tags: { http.response.status_code: 201, http.route: ${route} }
    children:
      - { operation_name: POST, kind: client, relation: descendant }
error_conditions:
  - { operation_name: inventory.reserve, expect: allowed }
`

async function told(at: Place, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await at.run([...args, '--json'])
  const document: unknown = JSON.parse(stdout)
  return typeof document === 'object' && document !== null ? { ...document } : {}
}

/** The results of a check without where they come from, and numbers to the microsecond. */
async function verdictOf(at: Place, reference: string): Promise<unknown> {
  const { status, specs } = await told(at, ['check', reference])
  const without = JSON.stringify(specs, (name, value: unknown) => {
    if (name === 'source' || name === 'evidence') return undefined
    return typeof value === 'number' ? Math.trunc(value * 1000) / 1000 : value
  })
  return [status, JSON.parse(without)]
}

test('what is imported is kept once, whatever the form, and is checked by its id', async () => {
  verifies('L-07')
  using project = place({ 'a.trace.yaml': spec('/checkout') })
  expect(await told(project, ['import', rich])).toEqual({
    schema: 'tracespec.import/1',
    paths: [{ path: rich, spans: 10, added: 10, differing: 0, cut: null }],
    spans: 10,
    added: 10,
    differing: 0,
    traces: 2,
    trace_ids: [richId, 'a1b2c3d4e5f60718293a4b5c6d7e8f90'],
    lost: [],
  })
  expect((await project.run(['import', rich])).stdout).toBe(
    `10 spans of 2 traces, all of them there already\n  trace:${richId}\n  trace:a1b2c3d4e5f60718293a4b5c6d7e8f90\n`,
  )
  expect(await verdictOf(project, `trace:${richId}`)).toEqual([
    'pass',
    [expect.objectContaining({ status: 'pass' })],
  ])
})

test.for([...traceForms])(
  'a trace through %s comes to the same verdict, right and wrong',
  async (form) => {
    verifies('L-07')
    for (const route of ['/checkout', '/other']) {
      using here = place({ 'a.trace.yaml': spec(route) })
      using there = place({ 'a.trace.yaml': spec(route) })
      await here.run(['import', rich])
      const written = join(there.folder, 'written')
      const { code } = await here.run(['export', `trace:${richId}`, '--as', form, '-o', written])
      await there.run(['import', written])
      const before = await verdictOf(here, `trace:${richId}`)
      expect([code, before]).toEqual([
        0,
        [route === '/checkout' ? 'pass' : 'fail', expect.anything()],
      ])
      expect(await verdictOf(there, `trace:${richId}`)).toEqual(before)
      expect(await verdictOf(there, 'written')).toEqual(before)
    }
  },
)

test('what a form lost stays known after the import and in every further form', async () => {
  verifies('L-07', 'P-24')
  using project = place({
    // 1291 µs may have been a little more
    'a.trace.yaml': `name: token
applies_to: { operation_name: extend-token-life }
expected_spans:
  - { operation_name: extend-token-life, expected_duration_ms: { max: 1.291 } }
`,
  })
  const { stderr } = await project.run(['import', zipkin])
  expect(stderr).toContain(
    'tracespec: they were read from a form that may lose what is below a microsecond',
  )
  const id = '0000000000000000ef86c83c0a05a6d6'
  const before = await verdictOf(project, `trace:${id}`)
  expect(before).toEqual(['inconclusive', expect.anything()])
  for (const form of traceForms) {
    await project.run(['export', `trace:${id}`, '--as', form, '-o', `out.${form}`])
    expect([form, await verdictOf(project, `out.${form}`)]).toEqual([form, before])
  }
})

test('an export says what the form cannot hold, as lines and as facts', async () => {
  verifies('L-07')
  using project = place()
  const lines = await project.run(['export', rich, '--as', 'jaeger', '-o', 'out.json'])
  expect(lines.stdout).toBe('')
  expect(lines.stderr).toContain('tracespec: in jaeger 10 spans lose schema URLs\n')
  expect(await told(project, ['export', rich, '--as', 'zipkin', '-o', 'deep/out.json'])).toEqual({
    schema: 'tracespec.export/1',
    form: 'zipkin',
    traces: 2,
    spans: 10,
    lost: [
      { fact: 'flags', spans: 10 },
      { fact: 'links', spans: 1 },
      { fact: 'nanoseconds', spans: 10 },
      { fact: 'resource_level', spans: 10 },
      { fact: 'schema_urls', spans: 10 },
      { fact: 'scope_attributes', spans: 2 },
      { fact: 'trace_states', spans: 1 },
      { fact: 'value_types', spans: 9 },
    ],
    lost_before: [],
    cut: null,
  })
  expect(readFileSync(join(project.folder, 'deep/out.json'), 'utf8')).toMatch(/^\[\{"traceId":/)
})

test('--from names a file or a folder as it names a backend', async () => {
  using project = place({ 'a.trace.yaml': spec('/checkout') })
  project.write('kept/zipkin.json', readFileSync(zipkin))
  project.write('kept/rich.pb', readFileSync(rich))
  const checked = await project.run(['check', `trace:${richId}`, '--from', './kept', '--wait', '0'])
  expect(checked.stdout).toContain('checkout')
  const list = await told(project, [
    'traces',
    '--from',
    'kept/zipkin.json',
    'service=Content-Service',
  ])
  expect(list).toMatchObject({ traces: { total: 1, items: [{ root: 'get', spans: 8 }] } })
  // Zipkin has names in lower case
  expect(await told(project, ['traces', '--from', './kept', 'service=shop'])).toMatchObject({
    traces: { total: 1 },
  })
})

test('one command reads what another writes, and a project that kept nothing stays without a store', async () => {
  using project = place()
  const { stdout } = await project.run(['export', rich, '--as', 'otlp-jsonl'])
  expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  expect((await project.run(['import', '-'], { stdin: stdout })).stdout).toContain('10 of them new')
})

test('the same spans with other content are said, and the first stay', async () => {
  using project = place()
  await project.run(['import', rich])
  await project.run(['export', rich, '--as', 'zipkin', '-o', 'out.json'])
  expect(await told(project, ['import', 'out.json'])).toMatchObject({
    spans: 10,
    added: 0,
    differing: 10,
  })
})

test.for<readonly [string, readonly string[], string]>([
  ['no such form', ['export', rich, '--as', 'xml'], 'Allowed choices are otlp-json'],
  ['facts and traces on one stream', ['export', rich, '--json'], 'with --json the traces cannot'],
  ['a folder as the file', ['export', rich, '-o', '.'], 'cannot be written'],
  ['nothing to import', ['import', 'none.json'], 'there is no file or folder'],
  ['a file without spans', ['import', 'empty.json'], 'no spans in'],
])('%s is exit code 2', async ([, args, said]) => {
  using project = place()
  project.write('empty.json', '{"resourceSpans":[]}')
  const { code, stdout, stderr } = await project.run(args)
  expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringContaining(said)])
})
