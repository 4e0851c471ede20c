import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hostOf } from '../../src/app/hosts.ts'
import { coreTools } from '../../src/mcp/tools.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import { fixture, place } from '../cli/tracespec.ts'
import { connect } from '../mcp/host.ts'

const skillPath = 'skills/trace-driven-development/SKILL.md'
const commandPath = 'commands/trace-spec.md'

function textOf(path: string): string {
  return readFileSync(fixture(path), 'utf8')
}

function jsonOf(path: string): Record<string, unknown> {
  return JSON.parse(textOf(path)) as Record<string, unknown>
}

const pack = jsonOf('package.json')
const plugin = jsonOf('.claude-plugin/plugin.json')
const marketplace = jsonOf('.claude-plugin/marketplace.json')
const server = jsonOf('server.json')

test('the plugin and the registry entry are of this version of this package', () => {
  expect([plugin['name'], plugin['version'], plugin['license']]).toEqual([
    pack['name'],
    pack['version'],
    pack['license'],
  ])
  expect(marketplace['plugins']).toEqual([
    { name: plugin['name'], description: plugin['description'], source: './' },
  ])
  expect([server['name'], server['version']]).toEqual([pack['mcpName'], pack['version']])
  expect(server['packages']).toEqual([
    {
      registryType: 'npm',
      identifier: pack['name'],
      version: pack['version'],
      runtimeHint: 'npx',
      transport: { type: 'stdio' },
      packageArguments: [{ type: 'positional', value: 'mcp' }],
    },
  ])
})

test('the registry entry keeps the limits of its schema, 2025-12-11', () => {
  expect(server['name']).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]{1,100}$/)
  expect(String(server['description']).length).toBeLessThanOrEqual(100)
  expect(String(server['title']).length).toBeLessThanOrEqual(100)
})

test('the plugin starts the server as `init --claude` registers it', () => {
  expect({ mcpServers: plugin['mcpServers'] }).toEqual(JSON.parse(hostOf('claude').entry))
})

test.for([
  { path: skillPath, fields: ['name', 'description'] },
  { path: commandPath, fields: ['description', 'argument-hint'] },
])('$path begins with its fields, each on one line', ({ path, fields }) => {
  const [, head = ''] = /^---\n([\s\S]*?)\n---\n\n/.exec(textOf(path)) ?? []
  expect(head.split('\n').map((line) => /^([\w-]+): \S/.exec(line)?.[1])).toEqual(fields)
  expect(head.length).toBeLessThanOrEqual(1024)
})

test('the skill has the name of its folder', () => {
  expect(/^name: (.*)$/m.exec(textOf(skillPath))?.[1]).toBe(skillPath.split('/')[1])
})

test('every spec in the skill has no issue', () => {
  const specs = [...textOf(skillPath).matchAll(/```yaml\n([\s\S]*?)```/g)]
  expect(specs.map(([, yaml = '']) => parseSpec(yaml, { file: skillPath }).issues)).toEqual([
    [],
    [],
    [],
  ])
})

/** What the skill or the command has in backticks. */
function codeIn(path: string): readonly string[] {
  const prose = textOf(path).replaceAll(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

test.for([skillPath, commandPath])('every tool and field that %s names exists', (path) => {
  const known = [...Object.keys(coreTools), ...fieldsOfSpecs(), 'next_steps']
  const words = codeIn(path).filter((code) => /^[a-z]+(?:_[a-z]+)+$/.test(code))
  expect(words).toContain('execute_and_capture')
  expect(words.filter((word) => !known.includes(word))).toEqual([])
})

/** The fields of the spec language. */
function fieldsOfSpecs(): readonly string[] {
  const names = textOf('schema/trace-spec.schema.json').matchAll(/^ +"(\w+)": \{/gm)
  return [...names].map(([, name = '']) => name)
}

test('every command line in the skill names a command and options that exist', () => {
  const lines = codeIn(skillPath).filter((code) => code.startsWith('tracespec '))
  expect(lines.length).toBeGreaterThan(5)
  expect(lines.flatMap((line) => unknownIn(line))).toEqual([])
})

/** Its command, its subcommand and its options as far as no help knows them. */
function unknownIn(line: string): readonly string[] {
  const [own = ''] = line.split(' -- ')
  const [, command = '', next = ''] = own.split(' ')
  const isGroup = ['spec', 'session'].includes(command)
  const called = isGroup ? [command, next] : [command]
  const help = helpOf(called)
  if (!help.startsWith(`Usage: tracespec ${called.join(' ')} `)) return [called.join(' ')]
  return [...own.matchAll(/ (--[a-z-]+)/g)].flatMap(([, option = '']) =>
    help.includes(`  ${option} `) ? [] : [`${called.join(' ')} ${option}`],
  )
}

function helpOf(command: readonly string[]): string {
  const args = [fixture('src/cli/bin.ts'), ...command, '--help']
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout
}

test('the resource and the skill that are pointed to are there', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  expect(codeIn(skillPath).filter((code) => code.includes('://'))).toEqual(['tracespec://language'])
  expect(await host.listResources()).toContain('tracespec://language')
  expect(codeIn(commandPath)).toContain('trace-driven-development')
})
