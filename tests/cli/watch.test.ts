import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { emitter } from '../mcp/emit.ts'
import { verifies } from '../verifies.ts'
import { place, type Place, type Started } from './tracespec.ts'

const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children: [{ operation_name: payment.authorize }]
`

const lacking = [{ name: 'POST /checkout' }]
const whole = [...lacking, { name: 'payment.authorize', parent: 0 }]

function shop(project: Place, spans: Parameters<typeof emitter>[0]): void {
  project.write('shop.mjs', emitter(spans, ['the shop says hello']))
}

interface Watched extends AsyncDisposable {
  readonly said: () => string
  /** Waits until this was said once more than so far. */
  readonly next: (text: string) => Promise<void>
  readonly leave: () => Promise<number | null>
  readonly started: Started
}

async function watched(project: Place, args: readonly string[] = [], env = {}): Promise<Watched> {
  const command = ['node', 'shop.mjs']
  const started = project.start(['run', '--watch', ...args, '--', ...command], { env })
  const { child } = started
  let said = ''
  const add = (chunk: Buffer): void => void (said += chunk.toString())
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  let seen = 0
  const watching: Watched = {
    started,
    said: () => said,
    next: async (text) => {
      const deadline = performance.now() + 30_000
      for (;;) {
        const at = said.indexOf(text, seen)
        if (at !== -1) {
          seen = at + text.length
          return
        }
        if (performance.now() > deadline) throw new Error(`it did not say ${text}:\n${said}`)
        await sleep(20)
      }
    },
    leave: async () => {
      child.kill('SIGINT')
      return (await started.finished).code
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await started.finished
    },
  }
  return watching
}

const waits = 'waits for a change, Ctrl-C quits'

test('a change of the program runs it again, until it is left with the last exit code', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, lacking)
  await using watch = await watched(project)
  await watch.next('tracespec: runs node shop.mjs\n')
  await watch.next('the shop says hello')
  await watch.next('✗ Failed: `checkout`')
  await watch.next('✗ `payment.authorize` is missing under `POST /checkout` (emitter).')
  await watch.next(`watch  █ 1 run; ${waits}`)
  shop(project, whole)
  await watch.next('tracespec: runs node shop.mjs (shop.mjs changed)')
  await watch.next('✓ Passed: `checkout` holds')
  await watch.next(`watch  █▁ 2 runs; ${waits}`)
  shop(project, lacking)
  await watch.next(`watch  █▁█ 3 runs; ${waits}`)
  expect(await watch.leave()).toBe(1)
  const runs = await project.run(['traces', '--json'])
  expect(JSON.parse(runs.stdout)).toMatchObject({ traces: { total: 3 } })
})

test('a change of a spec alone judges the last capture again and runs nothing', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, lacking)
  await using watch = await watched(project)
  await watch.next(waits)
  project.write(
    'specs/checkout.trace.yaml',
    'name: checkout\nexpected_spans: [{ operation_name: POST /checkout }]\n',
  )
  await watch.next('tracespec: judges the last capture again (specs/checkout.trace.yaml changed)')
  await watch.next('✓ Passed')
  await watch.next(`watch  ▁ 1 run; ${waits}`)
  project.write('specs/checkout.trace.yaml', 'name: checkout\nexpcted_spans: []\n')
  await watch.next('did you mean')
  await watch.next(waits)
  project.write('specs/checkout.trace.yaml', spec)
  await watch.next('✗ Failed')
  await watch.next(waits)
  expect(watch.said().match(/the shop says hello/g)).toHaveLength(1)
  expect(await watch.leave()).toBe(1)
})

test('what a program changed to while its spec could not be read is run when it can', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, whole)
  await using watch = await watched(project)
  await watch.next(`1 run; ${waits}`)
  project.write('specs/checkout.trace.yaml', 'name: checkout\nexpcted_spans: []\n')
  await watch.next(waits)
  shop(project, lacking)
  await watch.next('tracespec: runs node shop.mjs (shop.mjs changed)')
  await watch.next(waits)
  project.write('specs/checkout.trace.yaml', spec)
  await watch.next('tracespec: runs node shop.mjs (specs/checkout.trace.yaml changed)')
  await watch.next('✗ Failed: `checkout`')
  await watch.next(waits)
  expect(await watch.leave()).toBe(1)
})

test('a change while the command runs ends its group and starts it again', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  project.write(
    'shop.mjs',
    `import { spawn } from 'node:child_process'
     import { writeFileSync } from 'node:fs'
     const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'])
     console.log('pids ' + process.pid + ' ' + child.pid + ' up')
     setInterval(() => 0, 1000)`,
  )
  await project.run(['session', 'start'])
  await using watch = await watched(project)
  await watch.next(' up')
  const pids = /pids (\d+) (\d+) up/.exec(watch.said())?.slice(1).map(Number) ?? []
  shop(project, whole)
  await watch.next('(shop.mjs changed)')
  await watch.next('✓ Passed')
  expect(pids).toHaveLength(2)
  await until(() => !pids.some(isAlive))
  expect(watch.said()).not.toContain('✗')
  expect(await watch.leave()).toBe(0)
  const { stdout } = await project.run(['session', 'list', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    sessions: { items: [{ iterations: 1, status: 'green' }] },
  })
})

test('leaving while the first run runs ends it, with 130 since nothing was judged', async () => {
  using project = place()
  project.write('shop.mjs', `console.log('pid ' + process.pid + ' up'); setInterval(() => 0, 1000)`)
  await using watch = await watched(project)
  await watch.next(' up')
  const pid = Number(/pid (\d+) up/.exec(watch.said())?.[1])
  expect(await watch.leave()).toBe(130)
  expect(isAlive(pid)).toBe(false)
})

test('what git ignores, what is in node_modules and what is written again as it was runs nothing', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, whole)
  project.write('.gitignore', 'dist\n*.log\n')
  project.write('dist/out.js', '1')
  project.write('node_modules/a/index.js', '1')
  project.write('lib/part.mjs', '1')
  await project.paste('git init -q .')
  await using watch = await watched(project)
  await watch.next(waits)
  project.write('dist/out.js', '2')
  project.write('made.log', '2')
  project.write('node_modules/a/index.js', '2')
  project.write('.tracespec/x', '2')
  project.write('lib/part.mjs', '2')
  await watch.next('(lib/part.mjs changed)')
  await watch.next(waits)
  project.write('lib/part.mjs', '2')
  project.write('lib/deep/new.mjs', '3')
  await watch.next('(lib/deep/new.mjs changed)')
  await watch.next(waits)
  expect(watch.said().match(/runs node/g)).toHaveLength(3)
})

test('a command that writes a file of the project in every run comes to rest', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, whole)
  const file = join(project.folder, 'shop.mjs')
  const said = `import { writeFileSync } from 'node:fs'\nwriteFileSync('state.txt', String(Math.random()))\n`
  writeFileSync(file, said + readFileSync(file, 'utf8'))
  await using watch = await watched(project)
  await watch.next('state.txt changed during several runs one after the other')
  await sleep(1000)
  expect(watch.said().match(/runs node/g)).toHaveLength(3)
  project.write('state.txt', 'edited')
  await watch.next('(state.txt changed)')
  await watch.next(waits)
})

test('reports to files are written anew after every run, and q leaves a terminal', async () => {
  verifies('P-16')
  using project = place({ 'checkout.trace.yaml': spec })
  shop(project, lacking)
  const started = await project.run(['run', '--watch', '--json', '--', 'node', 'shop.mjs'])
  expect([started.code, started.stdout]).toEqual([
    2,
    expect.stringContaining('has a screen of its own'),
  ])
  const command = `tracespec run --watch --format json=report.json -- node shop.mjs`
  await using terminal = onTerminal(project, command)
  await terminal.until('q quits, r runs again')
  const report = (): unknown =>
    JSON.parse(readFileSync(join(project.folder, 'report.json'), 'utf8'))
  expect(report()).toMatchObject({ status: 'fail' })
  shop(project, whole)
  await terminal.until('2 runs; waits for a change, q quits')
  expect(report()).toMatchObject({ status: 'pass' })
  terminal.type('r')
  await terminal.until('3 runs; waits for a change, q quits')
  terminal.type('q')
  expect(await terminal.code()).toBe(0)
})

test('in CI without a terminal nobody would end it', async () => {
  using project = place()
  const { code, stderr } = await project.run(['run', '--watch', '--', 'true'], {
    env: { CI: 'true' },
  })
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('this is CI without a terminal'),
  })
})

interface Terminal extends AsyncDisposable {
  readonly until: (text: string) => Promise<void>
  readonly type: (keys: string) => void
  readonly code: () => Promise<number | null>
}

/** A real terminal around a command, by util-linux's or BSD's script. */
function onTerminal(project: Place, command: string): Terminal {
  const path = [join(project.folder, '../bin'), process.env['PATH'] ?? ''].join(':')
  const env = { PATH: path, HOME: join(project.folder, '..'), LANG: 'C.UTF-8', TERM: 'xterm' }
  const args =
    process.platform === 'linux'
      ? ['-qefc', command, '/dev/null']
      : ['-q', '/dev/null', ...command.split(' ')]
  const child = spawn('/usr/bin/script', args, { cwd: project.folder, env, stdio: 'pipe' })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  return {
    until: async (text) => {
      const deadline = performance.now() + 30_000
      while (!said.includes(text)) {
        if (performance.now() > deadline) throw new Error(`it did not say ${text}:\n${said}`)
        await sleep(20)
      }
    },
    type: (keys) => child.stdin.write(keys),
    code: () => ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to hold')
    await sleep(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
