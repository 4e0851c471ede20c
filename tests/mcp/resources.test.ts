import { expect, test } from 'vitest'
import { findingCodes } from '../../src/report/wording/finding-code.ts'
import { specLanguage } from '../../src/mcp/spec-language.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import { place } from '../cli/tracespec.ts'
import { emitter } from './emit.ts'
import { connect, eras } from './host.ts'

const spec = 'name: a b\nexpected_spans:\n  - operation_name: entry\n'

test.for(eras)('a host of %s lists, completes and reads what the answers point to', async (era) => {
  using project = place({ 'a.trace.yaml': spec })
  project.write('run.mjs', emitter([{ name: 'entry' }, { name: 'below', parent: 0 }]))
  await using host = await connect(project, era)
  const ran = await host.call('execute_and_capture', { command: 'node', args: ['run.mjs'] })
  const { id } = ran.structured['run'] as { id: string }
  const listed = await host.call('get_traces')
  const { items } = listed.structured['traces'] as { items: { trace_id: string }[] }
  const traceId = items[0]?.trace_id ?? ''

  expect(await host.listResources()).toEqual([
    'tracespec://language',
    'tracespec://codes',
    'tracespec://spec/a%20b',
  ])
  expect(await host.listTemplates()).toEqual([
    'tracespec://spec/{name}',
    'tracespec://trace/{trace_id}',
    'tracespec://run/{run_id}',
    'tracespec://session/{session_id}',
    'tracespec://answer/{tool}',
  ])
  expect(await host.complete('tracespec://spec/{name}', 'name', 'a')).toEqual(['a b'])
  expect(await host.complete('tracespec://trace/{trace_id}', 'trace_id', '')).toEqual([traceId])
  expect(await host.complete('tracespec://run/{run_id}', 'run_id', 'r-')).toEqual([id])

  expect(await host.read('tracespec://spec/a%20b')).toBe(spec)
  expect(await host.read('tracespec://language')).toBe(specLanguage)
  expect(JSON.parse(await host.read(`tracespec://run/${id}`))).toMatchObject({ status: 'pass' })
  expect(JSON.parse(await host.read('tracespec://answer/get_traces'))).toMatchObject({
    required: ['summary', 'traces', 'next_cursor', 'next_steps'],
  })
  const raw = await host.call('get_trace_by_id', { trace_id: traceId, detail: 'raw' })
  const link = raw.content.find(({ type }) => type === 'resource_link')
  const spans = decodeTracesText(await host.read(String(link?.['uri']))).spans
  expect(spans.map((span) => span.name).toSorted()).toEqual(['below', 'entry'])
  expect(raw.structured['spans']).toBeNull()
})

test.for([
  'tracespec://spec/nothing',
  'tracespec://spec/%2e%2e%2fsecret',
  'tracespec://spec/%ff',
  'tracespec://trace/nonsense',
  'tracespec://run/r-0000000000000',
  'tracespec://session/s-00000000',
  'tracespec://session/nonsense',
  'tracespec://answer/toString',
  'tracespec://nonsense',
  'file:///etc/passwd',
])('%s is not found', async (uri) => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  await expect(host.read(uri)).rejects.toThrow(/not found/i)
})

test('the page of the language is true, and every code is on its page', async () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(specLanguage) ?? []
  expect(parseSpec(yaml, { file: 'language' }).issues).toEqual([])
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const page = await host.read('tracespec://codes')
  expect(Object.keys(findingCodes).filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})

test('prompts are listed with what they need, and name what they were given', async () => {
  using project = place()
  await using host = await connect(project, '2025-11-25')
  const prompts = await host.listPrompts()
  expect(prompts.map((prompt) => prompt['name'])).toEqual([
    'write_spec',
    'repair_until_green',
    'review_spec',
    'analyse_trace',
  ])
  expect(prompts.every((prompt) => prompt['description'] !== undefined)).toBe(true)
  const text = await host.prompt('repair_until_green', { spec: 'checkout', command: 'npm test' })
  expect(text).toContain('Run npm test with execute_and_capture and spec checkout.')
  await expect(host.prompt('repair_until_green', { spec: 'checkout' })).rejects.toThrow(
    'the prompt repair_until_green needs command',
  )
})
