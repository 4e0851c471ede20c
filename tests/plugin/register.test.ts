import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { place } from '../cli/tracespec.ts'

const launch = { command: 'npx', args: ['--no-install', 'tracespec', 'mcp'] }
const inWorkspace = { ...launch, args: [...launch.args, '--project', '${workspaceFolder}'] }

const hosts = [
  { option: '--claude', path: '.mcp.json', holds: { mcpServers: { tracespec: launch } } },
  {
    option: '--cursor',
    path: '.cursor/mcp.json',
    holds: { mcpServers: { tracespec: inWorkspace } },
  },
  {
    option: '--vscode',
    path: '.vscode/mcp.json',
    holds: { servers: { tracespec: { type: 'stdio', ...inWorkspace } } },
  },
]

test.for(hosts)('init $option writes $path and nothing else', async ({ option, path, holds }) => {
  using project = place()
  const done = await project.run(['init', option])
  expect([done.code, done.stderr]).toEqual([0, ''])
  expect(done.stdout).toMatch(new RegExp(`^wrote ${path}: .+ starts tracespec for its agents\n$`))
  expect(JSON.parse(readFileSync(join(project.folder, path), 'utf8'))).toEqual(holds)
  expect(readdirSync(project.folder).toSorted()).toEqual([path.split('/')[0], 'tracespec.yaml'])
})

test('init --codex writes the table of its own TOML', async () => {
  using project = place()
  const done = await project.run(['init', '--codex'])
  expect([done.code, readFileSync(join(project.folder, '.codex/config.toml'), 'utf8')]).toEqual([
    0,
    '[mcp_servers.tracespec]\ncommand = "npx"\nargs = ["--no-install", "tracespec", "mcp"]\n',
  ])
})

test('a file that is there keeps every byte, and what it needs is printed', async () => {
  using project = place()
  const before = '{ "mcpServers": {} } // mine\n'
  project.write('.mcp.json', before)
  const done = await project.run(['init', '--claude'])
  expect([done.code, readFileSync(join(project.folder, '.mcp.json'), 'utf8')]).toEqual([0, before])
  const [said = '', entry = ''] = done.stdout.split('\n\n')
  expect(said).toBe('.mcp.json is there already and is left as it is. For Claude Code it needs:')
  expect(JSON.parse(entry)).toEqual({ mcpServers: { tracespec: launch } })
})

test('several hosts at once answer as one document, from anywhere in the project', async () => {
  using project = place()
  project.write('.cursor/mcp.json', '{}')
  mkdirSync(join(project.folder, 'packages/shop'), { recursive: true })
  const done = await project.run(['init', '--claude', '--cursor', '--json'], {
    cwd: join(project.folder, 'packages/shop'),
  })
  const entryOf = ({ holds }: (typeof hosts)[number]): string =>
    `${JSON.stringify(holds, null, 2)}\n`
  expect(JSON.parse(done.stdout)).toEqual({
    schema: 'tracespec.registrations/1',
    registrations: hosts.slice(0, 2).map((host, at) => ({
      host: ['claude', 'cursor'][at],
      path: host.path,
      written: at === 0,
      text: entryOf(host),
    })),
  })
  expect(readFileSync(join(project.folder, '.cursor/mcp.json'), 'utf8')).toBe('{}')
})

test.for([
  { args: ['init', 'run:r-1', '--claude'] },
  { args: ['init', '--name', 'checkout', '--claude'] },
])('$args is refused and writes nothing', async ({ args }) => {
  using project = place()
  const done = await project.run(args)
  expect([done.code, done.stdout]).toEqual([2, ''])
  expect(done.stderr).toContain('--claude registers the MCP server and writes no spec')
  expect(readdirSync(project.folder)).toEqual(['tracespec.yaml'])
})

test('what is registered starts a server that lists its tools', async () => {
  using project = place()
  await project.run(['init', '--claude'])
  mkdirSync(join(project.folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync('../../../bin/tracespec', join(project.folder, 'node_modules/.bin/tracespec'))
  project.write('package.json', '{ "private": true }\n')
  const { mcpServers } = JSON.parse(readFileSync(join(project.folder, '.mcp.json'), 'utf8'))
  const client = new Client({ name: 'test-host', version: '1.0.0' })
  await client.connect(
    new StdioClientTransport({
      ...mcpServers.tracespec,
      cwd: project.folder,
      env: {
        PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
        HOME: join(project.folder, '..'),
      },
      stderr: 'ignore',
    }),
  )
  const { tools } = await client.listTools()
  await client.close()
  expect(tools.map(({ name }) => name)).toContain('define_trace_spec')
})
