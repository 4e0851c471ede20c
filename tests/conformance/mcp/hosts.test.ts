import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { coreTools } from '../../../src/mcp/tools.ts'
import { fixture, place, type Place } from '../../cli/tracespec.ts'
import { environment } from '../../mcp/host.ts'
import { startHttp } from '../../mcp/http-server.ts'
import { verifies } from '../../verifies.ts'
import { runProgram, type Program, type Ran } from './programs.ts'

const server = [process.execPath, fixture('dist/cli/bin.js'), 'mcp'] as const

/** A program of others in a project of its own, which reaches nothing but loopback. */
function runIn(project: Place, program: Program, args: readonly string[]): Promise<Ran> {
  const quiet = {
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }
  const env = { ...environment(project), ...quiet }
  return runProgram(program, args, { cwd: project.folder, env })
}

function inspect(project: Place, era: string, args: readonly string[]): Promise<Ran> {
  const target = ['--protocol-era', era, '--format', 'json']
  return runIn(project, 'inspector', ['--cli', ...server, ...target, ...args])
}

test.for(['legacy', 'modern'])(
  'the Inspector finds no schema in the %s era that a host could refuse',
  async (era) => {
    verifies('D-10')
    using project = place()
    const { code, stdout, stderr } = await inspect(project, era, [
      '--method',
      'tools/list',
      '--strict',
    ])
    expect({ code, errors: /\d+ errors?/.exec(stderr)?.[0] }).toEqual({
      code: 0,
      errors: '0 errors',
    })
    const { result } = JSON.parse(stdout) as { result: { tools: { name: string }[] } }
    expect(result.tools.map(({ name }) => name)).toEqual(Object.keys(coreTools))
  },
)

test.for(['legacy', 'modern'])('the Inspector calls, reads and asks in the %s era', async (era) => {
  using project = place({ 'a.trace.yaml': 'name: a\nexpected_spans: [{ operation_name: a }]\n' })
  const asked = [
    ['tools/call', '--tool-name', 'list_trace_specs'],
    ['tools/call', '--tool-name', 'execute_and_capture', '--tool-args-json', '{"command":"true"}'],
    ['resources/list'],
    ['resources/read', '--uri', 'tracespec://spec/a'],
    ['resources/templates/list'],
    ['prompts/list'],
    ['prompts/get', '--prompt-name', 'review_spec', '--prompt-args', 'spec=a'],
  ]
  const answers: unknown[] = []
  for (const [method = '', ...args] of asked) {
    const { code, stdout } = await inspect(project, era, ['--method', method, ...args])
    answers.push({ code, ...(JSON.parse(stdout) as object) })
  }
  expect(answers).toMatchObject([
    { code: 0, result: { structuredContent: { specs: { total: 1 } } } },
    { code: 0, result: { structuredContent: { status: 'inconclusive' } } },
    {
      code: 0,
      result: { resources: expect.arrayContaining([expect.objectContaining({ name: 'a' })]) },
    },
    { code: 0, result: { contents: [{ text: expect.stringContaining('name: a') }] } },
    { code: 0, result: { resourceTemplates: expect.any(Array) } },
    { code: 0, result: { prompts: expect.any(Array) } },
    { code: 0, result: { messages: [{ content: { text: expect.stringContaining('spec a:') } }] } },
  ])
})

test('the Inspector is refused over HTTP without the token, and served with it', async () => {
  using project = place()
  await using http = await startHttp(project)
  const asked = ['--cli', http.url, '--transport', 'http', '--method', 'tools/list']
  expect((await runIn(project, 'inspector', asked)).code).not.toBe(0)
  const header = ['--header', `Authorization: Bearer ${http.token}`]
  const { code, stdout } = await runIn(project, 'inspector', [...asked, ...header])
  expect(code).toBe(0)
  expect(stdout).toContain('execute_and_capture')
})

test('Claude Code accepts the plugin and its marketplace', async () => {
  using project = place()
  const args = ['plugin', 'validate', fixture('.'), '--strict', '--json']
  const { code, stdout, stderr } = await runIn(project, 'claude', args)
  expect({ stdout, code, stderr }).toEqual({ stdout, code: 0, stderr: '' })
})

test('Claude Code connects to the server that the plugin brings', async () => {
  using project = place()
  const shim = 'node_modules/.bin/tracespec'
  project.write(shim, `#!/bin/sh\nexec '${process.execPath}' '${server[1]}' "$@"\n`)
  chmodSync(`${project.folder}/${shim}`, 0o755)
  const steps = [
    ['plugin', 'marketplace', 'add', dirname(fixture('package.json'))],
    ['plugin', 'install', 'tracespec@tracespec'],
    ['mcp', 'list'],
  ]
  const outputs: string[] = []
  for (const step of steps) {
    const { code, stdout, stderr } = await runIn(project, 'claude', step)
    expect({ stderr, code }).toEqual({ stderr, code: 0 })
    outputs.push(stdout)
  }
  expect(outputs.at(-1)).toMatch(/plugin:tracespec:tracespec: npx .* - ✔ Connected/)
})

test('Claude Code connects by the lines that are printed and documented', async () => {
  using project = place()
  await using http = await startHttp(project)
  const [, ...printed] = shellWords(http.lines.at(-1) ?? '')
  const added = await runIn(project, 'claude', printed)
  expect(added).toEqual({ ...added, code: 0 })
  const local = ['mcp', 'add', 'local', '--', ...server]
  expect((await runIn(project, 'claude', local)).code).toBe(0)
  const { stdout } = await runIn(project, 'claude', ['mcp', 'list'])
  expect(stdout).toMatch(/^tracespec: http.* \(HTTP\) - ✔ Connected$/m)
  expect(stdout).toMatch(/^local: .* - ✔ Connected$/m)
})

/** The words of a line that has double quotes and no other signs of a shell. */
function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
