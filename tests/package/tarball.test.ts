import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../../src/index.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tracespec-package-')))
const project = join(folder, 'project')
const scratch = join(folder, 'scratch')
const tarball = join(folder, 'tracespec.tgz')

/** The environment of someone who never saw this repository: no npm script around, no `.bin` of ours on the path. */
const env = Object.fromEntries(
  Object.entries({
    ...process.env,
    PATH: outsidePath().join(delimiter),
    TMPDIR: scratch,
    npm_config_loglevel: 'error',
  }).filter(
    ([name]) =>
      !/^(?:npm_(?:package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD|VITEST|NODE_ENV|NODE_OPTIONS|OTEL_)/.test(
        name,
      ),
  ),
)

beforeAll(async () => {
  mkdirSync(scratch)
  mkdirSync(project)
  await succeed('npm', ['pack', '--silent', '--pack-destination', folder], repository)
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  spawnSync('mv', [join(folder, file), tarball])
  writeFileSync(
    join(project, 'package.json'),
    '{ "private": true, "allowScripts": { "node": true } }\n',
  )
  await succeed('npm', ['install', tarball, 'node@24'], project)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the tarball holds the build and what it reads, and nothing else', () => {
  const { stdout } = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
  const tops = stdout
    .trim()
    .split('\n')
    .map((path) => path.split('/')[1] ?? '')
  expect([...new Set(tops)].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'fixtures',
    'package.json',
    'schema',
    'specs',
  ])
  expect(
    stdout
      .split('\n')
      .filter(
        (path) =>
          path.startsWith('package/fixtures/') && !path.startsWith('package/fixtures/apps/shop/'),
      ),
  ).toEqual([])
})

test('the demo runs in an empty project and leaves nothing behind', async () => {
  const before = filesOf(project)
  const demo = await run('npx', ['--no-install', 'tracespec', 'demo'], project)
  expect(demo).toMatchObject({ exitCode: 0 })
  expect(filesOf(project)).toEqual(before)
  expect(readdirSync(scratch)).toEqual([])
  const { stdout: processes } = spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
  expect(processes.split('\n').filter((args) => args.includes(folder))).toEqual([])
})

test('the package answers its version and its public names', async () => {
  const { version } = JSON.parse(
    spawnSync('tar', ['-xOzf', tarball, 'package/package.json'], { encoding: 'utf8' }).stdout,
  ) as { version: string }
  expect(await run('npx', ['--no-install', 'tracespec', '--version'], project)).toEqual({
    exitCode: 0,
    stdout: `${version}\n`,
    stderr: '',
  })
  const names = "import('tracespec').then((api) => console.log(Object.keys(api).sort().join()))"
  const { stdout } = await run(join(project, 'node_modules/.bin/node'), ['-e', names], project)
  expect(stdout.trim().split(',')).toEqual(Object.keys(api).toSorted())
})

test.for([[], ['--version'], ['demo'], ['run', '--', 'true']])(
  'an older Node gets one line and exit 2 for %j',
  async (args) => {
    const node = await olderNode()
    const bin = join(project, 'node_modules/tracespec/dist/cli/bin.js')
    expect(await run(node, [bin, ...args], project)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^tracespec needs Node\.js 22\.13 or newer, this is v\d+\.\d+\.\d+: \S+\n$/,
      ),
    })
  },
)

test('npm test on an older Node says in one line what is needed', async () => {
  expect(await run(await olderNode(), ['scripts/require-node.cjs'], repository)).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(/^tracespec needs Node\.js 22\.13 or newer, this is v.*\n$/),
  })
})

interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { cwd, env, timeout: 250_000, maxBuffer: 2 ** 26 },
      (_, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
    )
  })
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, stderr } = await run(command, args, cwd)
  if (exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
}

/** The machine's own Node when it is older than 22.13, else Node 20 from the registry. */
async function olderNode(): Promise<string> {
  const own = outsidePath()
    .map((path) => join(path, 'node'))
    .find((node) => isOld(node))
  if (own !== undefined) return own
  const old = join(folder, 'old-node')
  const node = join(old, 'node_modules/.bin/node')
  if (isOld(node)) return node
  mkdirSync(old, { recursive: true })
  writeFileSync(
    join(old, 'package.json'),
    '{ "private": true, "allowScripts": { "node": true } }\n',
  )
  await succeed('npm', ['install', 'node@20'], old)
  return node
}

function isOld(node: string): boolean {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(String(stdout)) ?? []
  return major !== undefined && (Number(major) < 22 || (Number(major) === 22 && Number(minor) < 13))
}

function outsidePath(): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
}

/** Every file of the project outside `node_modules`, and of the installed package itself. */
function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => !path.startsWith('node_modules/') || path.startsWith('node_modules/tracespec/'),
    )
    .toSorted()
}
