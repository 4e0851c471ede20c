import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listingText } from '../../src/mcp/listing.ts'
import { coreTools } from '../../src/mcp/tools.ts'
import { fixture, place } from '../cli/tracespec.ts'
import { connect, eras } from './host.ts'

const tools = await Promise.all(Object.values(coreTools).map((load) => load()))

test('what hosts are told is what the tools say; else run scripts/generate-tool-listing.ts', () => {
  expect(readFileSync(fixture('schema/mcp-tools.json'), 'utf8')).toBe(listingText(tools))
  expect(tools.map((tool) => tool.name)).toEqual(Object.keys(coreTools))
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
  const reading = tools.filter((tool) => tool.effect === 'reads').map((tool) => tool.name)
  expect(names).toEqual(reading)
  await expect(host.call('execute_and_capture', { command: 'true' })).rejects.toThrow(
    'there is no tool execute_and_capture',
  )
})

test.for([
  [['--toolsets', 'analysis'], 'the toolset analysis is not built yet'],
  [['--toolsets', 'core,nonsense'], 'there is no toolset nonsense'],
  [['--port', '8080'], '--port is for --http'],
  [['--http', '--port', '70000'], 'write a port, from 1 to 65535'],
] as const)('%j is refused by name', async ([options, message]) => {
  using project = place()
  const { code, stdout, stderr } = await project.run(['mcp', ...options])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})
