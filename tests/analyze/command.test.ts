import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { analysisSchema } from '../../src/report/analysis-schema.ts'
import { fixture, place, program } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'

const boutique = fixture('fixtures/traces/online-boutique.otlp.json')
const social = fixture('fixtures/traces/social-network-compose.otlp.json')

test('a run is analysed by the name of last, as text and as one document', async () => {
  verifies('P-09')
  using project = place()
  await project.run(['run', '--', ...program('json.mjs')])
  const text = await project.run(['analyze', 'last'])
  expect([text.code, text.stderr]).toEqual([0, ''])
  expect(text.stdout).toContain('A possible critical path of ')
  const json = await project.run(['analyze', 'last', '--json'])
  const document = analysisSchema.parse(JSON.parse(json.stdout))
  expect([json.code, document.schema, document.traces.total]).toEqual([
    0,
    'tracespec.analysis/1',
    1,
  ])
})

test('formats go to standard output and to files at once', async () => {
  using project = place()
  const done = await project.run([
    'analyze',
    boutique,
    '--format=agent',
    '--format=json=out/analysis.json',
    '--limit=3',
  ])
  expect(done.code).toBe(0)
  expect(done.stdout).toMatch(/^trace=32e786866bad52e083eccd29681325d1 199ms spans=68 /)
  const written = JSON.parse(readFileSync(join(project.folder, 'out/analysis.json'), 'utf8'))
  expect(analysisSchema.parse(written).traces.items[0]?.services).toMatchObject({
    shown: 3,
    omitted: 6,
    total: 9,
    how: '--limit 9',
  })
})

test('of several traces the most telling is shown, and any other by its id', async () => {
  using project = place()
  const first = await project.run(['analyze', social, '--format', 'text'])
  expect(first.stdout).toContain('Traces: 1 of 3 are shown; --trace ID analyses any one of them.')
  const all = await project.run(['analyze', social, '--json'])
  const ids = analysisSchema.parse(JSON.parse(all.stdout)).traces.items.map((one) => one.trace_id)
  expect(first.stdout).toContain(`trace:${ids[0]}`)
  const last = await project.run(['analyze', social, '--trace', ids[2] ?? '', '--format', 'text'])
  expect(last.stdout).toContain(`trace:${ids[2]}`)
  expect(last.stdout).not.toContain('Traces: ')
})

test.for([
  [['analyze', boutique, '--trace', '12'], 'there is no trace 12 in it'],
  [['analyze', 'nowhere.json'], 'there is no file or folder nowhere.json'],
  [['analyze', boutique, '--limit', '0'], 'write a positive whole number.'],
  [['analyze', boutique, '--format', 'xml'], 'there is no format xml'],
] as const)('%s ends with 2 and says why', async ([args, message]) => {
  using project = place()
  const done = await project.run(args)
  expect([done.code, done.stdout]).toEqual([2, ''])
  expect(done.stderr).toContain(message)
})
