import { expect, test } from 'vitest'
import { place } from '../cli/tracespec.ts'
import { emitter } from './emit.ts'
import { connect, type Answered } from './host.ts'

interface Step {
  readonly tool: string
  readonly arguments: Record<string, unknown>
}

function stepsOf({ structured }: Answered): readonly Step[] {
  return (structured['next_steps'] as Step[]).map(({ tool, arguments: args }) => ({
    tool,
    arguments: args,
  }))
}

test('where nothing is found, it is said what to ask instead', async () => {
  using project = place()
  project.write('run.mjs', emitter([{ name: 'entry' }]))
  await using host = await connect(project, '2026-07-28')
  expect(stepsOf(await host.call('get_traces'))).toEqual([
    { tool: 'execute_and_capture', arguments: { command: 'npm', args: ['test'] } },
  ])
  await host.call('execute_and_capture', { command: 'node', args: ['run.mjs'] })
  const none = await host.call('get_traces', { query: 'status=error' })
  expect(stepsOf(none)).toEqual([{ tool: 'get_traces', arguments: {} }])
  const [all] = stepsOf(none)
  const [see] = stepsOf(await host.call(all?.tool ?? '', all?.arguments))
  const seen = await host.call(see?.tool ?? '', see?.arguments)
  expect(stepsOf(seen)).toEqual([{ tool: 'analyze_trace', arguments: see?.arguments }])
})

test('a command that failed in a session leads to its own words', async () => {
  using project = place({
    'a.trace.yaml': 'name: a\nexpected_spans: [{ operation_name: entry }]\n',
  })
  project.write('run.mjs', 'console.error("no such table: orders"); process.exitCode = 3\n')
  await using host = await connect(project, '2026-07-28')
  await host.call('create_development_session')
  await host.call('execute_and_capture', { command: 'node', args: ['run.mjs'] })
  const suggested = await host.call('suggest_next_steps')
  const [see] = stepsOf(suggested)
  expect(see?.tool).toBe('compare_trace_to_spec')
  const { structured } = await host.call(see?.tool ?? '', see?.arguments)
  expect(structured).toMatchObject({
    status: 'fail',
    run: { exit_code: 3 },
    output: { stderr: { head: ['no such table: orders'] } },
    diagnosis: { fix: expect.any(String) },
  })
})

const id = '4bf92f3577b34da6a3ce929d0e0e4736'

// What is wrong is named with the nearest that is right, and the call that was meant follows, with the caller's own words.
test.for([
  {
    tool: 'get_trace_by_id',
    args: { trace_id: id, detail: 'tre' },
    says: 'did you mean tree?',
    meant: { trace_id: id, detail: 'tree' },
  },
  {
    tool: 'compare_trace_to_spec',
    args: { trace_id: 'last', spec_name: 'checkout' },
    says: 'there is no argument spec_name; did you mean spec?',
    meant: { trace: 'last', spec: 'checkout' },
  },
  {
    tool: 'execute_and_capture',
    args: { cmd: 'node', args: ['run.mjs'] },
    says: 'there is no argument cmd; did you mean command?',
    meant: { command: 'node', args: ['run.mjs'] },
  },
  {
    tool: 'get_traces',
    args: { service_name: 'shop', since: '1h' },
    says: 'there is no argument since; there are service_name, ',
    meant: { service_name: 'shop' },
  },
  {
    tool: 'execute_and_capture',
    args: { command: 'npm run "my test"' },
    says: 'there is no program of that name',
    meant: { command: 'npm', args: ['run', 'my test'] },
  },
  {
    tool: 'execute_and_capture',
    args: { command: 'node', args: ['-e', '0'], cwd: '/' },
    says: 'is outside the project',
    meant: { command: 'node', args: ['-e', '0'] },
  },
  {
    tool: 'execute_and_capture',
    args: { command: 'true', session_id: 's-00000000' },
    says: 'there is no session s-00000000',
    meant: { command: 'true' },
  },
])('$tool refuses $args with the call that was meant', async ({ tool, args, says, meant }) => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const refused = await host.call(tool, args)
  expect(refused.isError).toBe(true)
  expect(refused.structured['summary']).toContain(says)
  expect(stepsOf(refused)[0]).toEqual({ tool, arguments: meant })
})

test.for([
  { what: 'a secret', value: { env: { API_KEY: 'sk-0123456789abcdef0123' } } },
  { what: 'much text', value: { args: ['x'.repeat(2000)] } },
  { what: 'control characters', value: { args: ['\u001B[2J'] } },
])('a call with $what is not given back', async ({ value }) => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const refused = await host.call('execute_and_capture', { cmd: 'node', ...value })
  expect(stepsOf(refused)).toEqual([
    {
      tool: 'execute_and_capture',
      arguments: { command: 'npm', args: ['test'], spec: 'checkout' },
    },
  ])
})

test('a second session and a span that is not there lead to what is', async () => {
  using project = place()
  project.write('run.mjs', emitter([{ name: 'entry' }]))
  await using host = await connect(project, '2026-07-28')
  await host.call('create_development_session')
  const second = await host.call('create_development_session', { goal: 'other' })
  const [see] = stepsOf(second)
  expect((await host.call(see?.tool ?? '', see?.arguments)).isError).toBe(false)

  await host.call('execute_and_capture', { command: 'node', args: ['run.mjs'] })
  const { structured: listed } = await host.call('get_traces')
  const [found] = (listed['traces'] as { items: { trace_id: string }[] }).items
  const asked = { trace_id: found?.trace_id, span_id: '00000000000000ff' }
  const none = await host.call('get_trace_by_id', asked)
  expect(none.structured['summary']).toContain('an agent: get_trace_by_id with detail: tree')
  const raw = await host.call('get_trace_by_id', { ...asked, span_id: undefined, detail: 'raw' })
  expect(raw.structured['summary']).toContain(`tracespec://trace/${found?.trace_id}`)
  const part = await host.call('get_trace_by_id', { ...asked, span_id: '0000000000000001' })
  expect(part.structured['summary']).toContain('Shown are span 0000000000000001')
})
