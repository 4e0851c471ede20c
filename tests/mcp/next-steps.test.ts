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
