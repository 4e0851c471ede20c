import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { coreTools } from '../../src/mcp/tools.ts'
import { fixture, place } from '../cli/tracespec.ts'
import { connect } from './host.ts'
import { toolTable } from './tool-table.ts'

const readme = readFileSync(fixture('README.md'), 'utf8')

test('the README lists the tools as they are defined', async () => {
  const [, table] = /<!-- tools -->\n([\s\S]*?)<!-- \/tools -->/.exec(readme) ?? []
  const tools = await Promise.all(Object.values(coreTools).map((load) => load()))
  expect(table).toBe(toolTable(tools))
})

test('the line that registers the server starts one', async () => {
  const [, command] = /^claude mcp add tracespec -- npx tracespec (.*)$/m.exec(readme) ?? []
  expect(command).toBe('mcp')
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('list_trace_specs')
  expect(structured['summary']).toBe(
    'There is no spec in specs/ yet; define_trace_spec writes one.',
  )
})
