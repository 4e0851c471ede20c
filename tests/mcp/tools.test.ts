import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listingText } from '../../src/mcp/listing.ts'
import { allTools, analysisTools, coreTools } from '../../src/mcp/tools.ts'
import { fixture, place } from '../cli/tracespec.ts'
import { connect, eras } from './host.ts'

const tools = await Promise.all(Object.values(allTools).map((load) => load()))
const toolsets = { 'mcp-tools.json': coreTools, 'mcp-tools.analysis.json': analysisTools }

test.for(Object.entries(toolsets))(
  '%s is what the tools say and within its tokens; else run scripts/generate-tool-listing.ts',
  async ([file, loads]) => {
    const loaded = await Promise.all(Object.values(loads).map((load) => load()))
    const text = readFileSync(fixture(`schema/${file}`), 'utf8')
    expect(text).toBe(listingText(loaded))
    expect(loaded.map((tool) => tool.name)).toEqual(Object.keys(loads))
    expect(Buffer.byteLength(JSON.stringify(JSON.parse(text))) / 4).toBeLessThanOrEqual(4000)
  },
)

test.for([
  ['core', coreTools],
  ['analysis', allTools],
  ['core,analysis', allTools],
  ['all', allTools],
] as const)('--toolsets %s offers its tools, core first', async ([names, offered]) => {
  using project = place()
  await using host = await connect(project, '2026-07-28', ['--toolsets', names])
  const listed = await host.listTools()
  expect(listed.map((tool) => tool.name)).toEqual(Object.keys(offered))
})

test.for(eras)('a host of %s is told of every tool, in one order, for few tokens', async (era) => {
  using project = place()
  await using host = await connect(project, era)
  const listed = await host.listTools()
  expect(listed.map((tool) => tool.name)).toEqual(Object.keys(coreTools))
  expect(Buffer.byteLength(JSON.stringify({ tools: listed })) / 4).toBeLessThanOrEqual(4000)
  for (const { name, outputSchema, annotations, description } of listed) {
    expect(name).toMatch(/^[a-z_]{1,40}$/)
    expect(description).toMatch(/^Use /)
    expect(Object.keys(annotations ?? {}).toSorted()).toEqual([
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
      'readOnlyHint',
    ])
    expect(outputSchema?.['required']).toContain('summary')
    expect(outputSchema?.['required']).toContain('next_steps')
  }
})

test.for(tools)('the example of $name is valid', ({ input, example }) => {
  expect(input.safeParse(example).error).toBeUndefined()
})

test.for(tools)('no schema of $name needs what some hosts refuse', ({ input }) => {
  const schema = z.toJSONSchema(input, { io: 'input' })
  expect(schema.type).toBe('object')
  expect(Object.keys(schema)).not.toContain('oneOf')
  expect(JSON.stringify(schema)).not.toContain('"$ref"')
})

test('a read-only server has no tool that writes or runs', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28', ['--read-only'])
  const names = (await host.listTools()).map((tool) => tool.name)
  const core = tools.filter(({ name }) => Object.hasOwn(coreTools, name))
  const reading = core.filter((tool) => tool.effect === 'reads').map((tool) => tool.name)
  expect(names).toEqual(reading)
  await expect(host.call('execute_and_capture', { command: 'true' })).rejects.toThrow(
    'there is no tool execute_and_capture',
  )
})

test.for([
  [['--toolsets', 'agents'], 'the toolset agents is not built yet'],
  [['--toolsets', 'core,nonsense'], 'there is no toolset nonsense'],
  [['--port', '8080'], '--port is for --http'],
  [['--http', '--port', '70000'], 'write a port, from 1 to 65535'],
] as const)('%j is refused by name', async ([options, message]) => {
  using project = place()
  const { code, stdout, stderr } = await project.run(['mcp', ...options])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})
