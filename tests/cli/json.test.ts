import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { jsonSpec, otherSpec, wantsMoreSpec } from './specs.ts'
import { fixture, place, program } from './tracespec.ts'

const ajv = new Ajv2020({ strict: false })
const isResult = ajv.compile(JSON.parse(readFileSync(fixture('schema/result.schema.json'), 'utf8')))

const cases: readonly { readonly args: readonly string[]; readonly status: string }[] = [
  { args: ['run', '--json', '--spec', 'json', '--', ...program('json.mjs')], status: 'pass' },
  { args: ['run', '--format', 'json', '--', ...program('json.mjs')], status: 'fail' },
  { args: ['run', '--json', '--', ...program('no-sdk.mjs')], status: 'inconclusive' },
  { args: ['run', '--json', '--', 'no-such-program'], status: 'error' },
  { args: ['run', '--json', 'npm', 'test'], status: 'error' },
  { args: ['run', '--json', '--timeout', 'soon', '--', 'true'], status: 'error' },
  { args: ['run', '--json', '--drive', 'x', '--', 'true'], status: 'error' },
  { args: ['run', '--json', '--project', 'nowhere', '--', 'true'], status: 'error' },
  { args: ['check', '--json', 'nowhere.json'], status: 'error' },
  { args: ['check', '--json', 'last'], status: 'error' },
  { args: ['check', '--json'], status: 'error' },
  { args: ['check', 'last', '--no-such-option', '--json'], status: 'error' },
  {
    args: ['check', '--json', fixture('fixtures/traces/agent-helm.otlp.json')],
    status: 'nothing_to_check',
  },
  { args: ['show', '--json', 'trace:12'], status: 'error' },
  { args: ['spec', 'show', '--json', 'jsno'], status: 'error' },
  { args: ['traces', '--json', '--limit', '0'], status: 'error' },
  { args: ['--json'], status: 'error' },
]

describe.concurrent('with --json', () => {
  test.for(cases)('$args is one document: $status', async ({ args, status }) => {
    verifies('P-07')
    using project = place({
      'json.trace.yaml': jsonSpec,
      'more.trace.yaml': wantsMoreSpec,
      'other.trace.yaml': otherSpec,
    })
    const done = await project.run(args)
    const result = JSON.parse(done.stdout)
    expect({ valid: isResult(result), errors: isResult.errors }).toEqual({
      valid: true,
      errors: null,
    })
    expect({ status: result.status, code: result.exit_code }).toEqual({ status, code: done.code })
  })
})

test('the output of the program goes to standard error where standard output holds the document', async () => {
  using project = place()
  const command = ['node', '-e', 'console.log("from the program")']
  const asJson = await project.run(['run', '--json', '--', ...command])
  const asText = await project.run(['run', '--', ...command])
  expect(asJson.stderr).toContain('from the program\n')
  expect(asJson.stdout).not.toContain('from the program\n')
  expect(asText.stdout.startsWith('from the program\n')).toBe(true)
  expect(asText.stderr).not.toContain('from the program\n')
})

test('what reads alone has documents of its own', async () => {
  using project = place({ 'json.trace.yaml': jsonSpec })
  await project.run(['run', '--', ...program('json.mjs')])
  const asked = [
    ['traces', '--json'],
    ['show', 'last', '--json', '--spec', 'json'],
    ['spec', 'list', '--json'],
    ['spec', 'show', 'json', '--json'],
    ['spec', 'validate', '--json'],
    ['init', '--json'],
  ]
  const schemas: unknown[] = []
  for (const args of asked) {
    const done = await project.run(args)
    schemas.push([done.code, JSON.parse(done.stdout).schema])
  }
  expect(schemas).toEqual([
    [0, 'tracespec.traces/1'],
    [0, 'tracespec.trace/1'],
    [0, 'tracespec.specs/1'],
    [0, 'tracespec.spec/1'],
    [0, 'tracespec.issues/1'],
    [0, 'tracespec.init/1'],
  ])
})

test('every format is written where it is asked for, and an agent gets its own', async () => {
  using project = place({ 'json.trace.yaml': jsonSpec })
  const args = ['run', '--format', 'json=out/result.json', '--format', 'agent=agent.txt', '--']
  const done = await project.run([...args, ...program('json.mjs')])
  const file = (name: string): string => readFileSync(`${project.folder}/${name}`, 'utf8')
  expect(JSON.parse(file('out/result.json')).status).toBe('pass')
  expect(file('agent.txt')).toMatch(/^PASS exit=0 run:r-/)
  expect(done.stdout).toContain('✓ PASS  json')
  const agent = await project.run(['check', 'last'], { env: { AI_AGENT: 'some-agent' } })
  expect(agent.stdout).toMatch(/^PASS exit=0/)
})

test('a report file tells of a failure too, so that none of an earlier run is taken for it', async () => {
  using project = place()
  project.write('result.json', '{"status":"pass"}')
  const done = await project.run(['check', 'nowhere', '--format', 'json=result.json'])
  const result = JSON.parse(readFileSync(`${project.folder}/result.json`, 'utf8'))
  expect([done.code, done.stdout, result.status]).toEqual([2, '', 'error'])
  expect(done.stderr).toContain('there is no file or folder nowhere')
})

test.for([
  { env: {}, colored: false },
  { env: { FORCE_COLOR: '1' }, colored: true },
  { env: { NO_COLOR: '1' }, colored: false },
])('off a terminal with $env the report is colored: $colored', async ({ env, colored }) => {
  using project = place({ 'json.trace.yaml': jsonSpec })
  const done = await project.run(['run', '--', ...program('json.mjs')], { env: { ...env } })
  expect(done.stdout.includes('\u001B[')).toBe(colored)
})
