import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { verifies } from '../verifies.ts'
import { copyShop, fixture, place, printedCommands, type Place } from './tracespec.ts'

const run = ['run', '--', 'node', 'drive.mjs']
const patch = readFileSync(fixture('fixtures/apps/shop/fix.patch'), 'utf8')

function edit(project: Place, change: (text: string) => string): void {
  const file = join(project.folder, 'checkout.mjs')
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

async function shop(project: Place): Promise<void> {
  copyShop(project)
  project.write('.gitignore', 'node_modules\nstate\n')
  const who = '-c user.name=a -c user.email=a@example.org'
  await project.paste(`git init -q && git add . && git ${who} commit -qm shop`)
}

async function statusOf(project: Place): Promise<Status> {
  const { stdout } = await project.run(['session', 'status', '--json'])
  return JSON.parse(stdout) as Status
}

interface Status {
  readonly schema: string
  readonly status: string
  readonly summary: string
  readonly totals: Record<string, unknown>
  readonly iterations: { readonly items: readonly Iteration[] }
  readonly next_steps: { readonly items: readonly Step[] }
}

interface Names {
  readonly items: readonly { readonly label: string; readonly condition: string }[]
}

interface Iteration {
  readonly change: string
  readonly failing: number
  readonly tokens: number | null
  readonly code: { readonly commit: string; readonly dirty: { readonly items: string[] } } | null
  readonly fixed: Names
  readonly new: Names
  readonly still_failing: Names
  readonly flickering: Names
}

interface Step {
  readonly code: string
  readonly message: string
  readonly finding?: { readonly code: string; readonly at: string }
  readonly source?: { readonly path: string; readonly line: number } | null
  readonly origin?: { readonly name: string } | null
  readonly consequences?: { readonly items: readonly string[] }
  readonly commands: readonly { readonly text: string }[]
}

function labels({ items }: Names): readonly string[] {
  return items.map(({ label, condition }) => `${label} ${condition}`)
}

test('a session follows a shop from red to green, and says what to do first', async () => {
  verifies('P-14', 'P-16', 'P-17')
  using project = place()
  await shop(project)
  const started = await project.run([
    'session',
    'start',
    '--goal',
    'authorize',
    '--spec',
    'checkout',
  ])
  expect([started.code, started.stderr]).toEqual([0, ''])
  const red = await project.run(run)
  expect(red.code).toBe(1)
  expect(red.stdout).toMatch(/\nsession s-\w{8} {2}█ 1 iteration, 3 still fail\n$/)

  const first = await statusOf(project)
  const failing = ['SELECT products count.max', 'POST /authorize count.min', 'card.check count.min']
  expect([first.schema, first.status]).toEqual(['tracespec.session/1', 'red'])
  expect(labels(first.iterations.items[0]?.new ?? { items: [] })).toEqual(failing)
  expect(first.next_steps.items.map(({ code, finding }) => [code, finding?.code])).toEqual([
    ['repair', 'span_missing'],
    ['repair', 'span_excess'],
  ])
  const [missing] = first.next_steps.items
  expect([missing?.finding?.at, missing?.consequences?.items]).toEqual([
    'specs/checkout.trace.yaml:15:9',
    ['card.check'],
  ])
  for (const { text } of missing?.commands.slice(0, 1) ?? []) {
    expect((await project.paste(text)).code).toBe(0)
  }

  edit(project, (text) => applyPatch(text, patch))
  const check = missing?.commands.at(-1)?.text ?? ''
  expect(check).toBe('tracespec run --spec checkout -- node drive.mjs')
  const green = await project.paste(check)
  expect(green.stdout).toMatch(/\nsession s-\w{8} {2}█▁ 2 iterations, 3 fixed, green\n$/)

  const last = await statusOf(project)
  const [, second] = last.iterations.items
  expect([last.status, second?.change, second?.failing]).toEqual(['green', 'helped', 0])
  expect(labels(second?.fixed ?? { items: [] })).toEqual(failing)
  expect(second?.code?.dirty.items).toEqual(['checkout.mjs'])
  expect(second?.tokens).toBe(Math.ceil(Buffer.byteLength(reportOf(green.stdout)) / 4))
  expect(last.next_steps.items.map(({ code }) => code)).toEqual(['end_session'])
  const ended = await project.paste(last.next_steps.items[0]?.commands[0]?.text ?? '')
  expect([ended.code, ended.stdout.includes('Green after 2 iterations')]).toEqual([0, true])
})

/** Without what the program said itself. */
function reportOf(stdout: string): string {
  return stdout.slice(stdout.indexOf('\n') + 1)
}

test('what fails and passes with the same code flickers and is not fixed', async () => {
  verifies('P-16')
  using project = place()
  await shop(project)
  edit(project, (text) =>
    applyPatch(text, patch)
      .replace('import {', "import { existsSync, writeFileSync } from 'node:fs'\nimport {")
      .replace(
        '  await post(`${process.env.PAYMENT_URL}/authorize`',
        (call) => `  if (existsSync('state')) ${call.trim()}`,
      )
      .replace('return {', "writeFileSync('state', '')\n  return {"),
  )
  await project.run(['session', 'start'])
  const [red, green] = [await project.run(run), await project.run(run)]
  expect([red.code, green.code]).toEqual([1, 0])
  expect(green.stdout).toMatch(/2 iterations, 2 flicker, undecided\n$/)
  const { iterations, totals } = await statusOf(project)
  const [, second] = iterations.items
  expect([second?.change, second?.fixed.items]).toEqual(['same_code', []])
  expect(labels(second?.flickering ?? { items: [] })).toEqual([
    'POST /authorize count.min',
    'card.check count.min',
  ])
  expect(totals).toMatchObject({ fixed: 0, flickering: 2, still_failing: 0 })
})

test('an error is repaired where it began, in the file that its stack trace names', async () => {
  verifies('P-13', 'P-17')
  using project = place()
  await shop(project)
  const swallowed = `const reserve = () => inSpan('stock.find', {}, async () => {
    throw new TypeError('no stock')
  })
  await inSpan('stock.reserve', {}, reserve).catch(() => undefined)
  `
  edit(project, (text) =>
    applyPatch(text, patch).replace("await query('INSERT orders'", (call) => swallowed + call),
  )
  const line = readFileSync(join(project.folder, 'checkout.mjs'), 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('throw new TypeError'))
  await project.run(['session', 'start'])
  await project.run(run)
  const { next_steps: steps } = await statusOf(project)
  expect(steps.items).toHaveLength(1)
  expect(steps.items[0]).toMatchObject({
    code: 'repair',
    finding: { code: 'error_unexpected', span: { name: 'stock.find' } },
    origin: null,
    source: { path: 'checkout.mjs', line: line + 1, told_by: 'stack_trace' },
    consequences: { items: ['stock.reserve'] },
  })
})

test('a crashed run says so first, and proves nothing', async () => {
  using project = place()
  await shop(project)
  edit(project, (text) => text.replace('return {', "throw new TypeError('no cart')\n  return {"))
  await project.run(['session', 'start', '--spec', 'checkout'])
  await project.run(run)
  const { status, next_steps: steps } = await statusOf(project)
  expect([status, steps.items.map(({ code }) => code)]).toEqual([
    'red',
    ['command_failed', 'decide'],
  ])
  expect(steps.items[1]?.message).toContain('crashed')
})

test('a second session in one folder is refused with a hint', async () => {
  using project = place()
  await project.run(['session', 'start', '--goal', 'one'])
  const { code, stdout, stderr } = await project.run(['session', 'start', '--json'])
  expect([code, stderr]).toEqual([2, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'error',
    error: {
      message: expect.stringMatching(/^session s-\w{8} \(one\) is open in this project$/),
      hint: 'go on with it, or end it first: tracespec session end (an agent: end_open)',
    },
  })
})

test.for([
  ['status', 'this project has no session yet'],
  ['end', 'no session is open in this project'],
  ['status s-0', 'there is no session s-0'],
  ['start --spec nowhere', 'there is no spec nowhere'],
] as const)('session %s in an empty project says what is wrong', async ([args, message]) => {
  using project = place()
  const { code, stderr } = await project.run(['session', ...args.split(' ')])
  expect([code, stderr.includes(message)]).toEqual([2, true])
})

test('sessions are listed, newest first, and a run outside of them belongs to none', async () => {
  using project = place()
  await shop(project)
  await project.run(['session', 'start', '--goal', 'one'])
  await project.run(['session', 'end'])
  const outside = await project.run([...run.slice(0, 1), '--json', ...run.slice(1)])
  expect(JSON.parse(outside.stdout)).not.toHaveProperty('session')
  await project.run(['session', 'start', '--goal', 'two'])
  await project.run([...run.slice(0, 1), '--json', ...run.slice(1)])
  const { stdout } = await project.run(['session', 'list', '--json'])
  const { sessions } = JSON.parse(stdout) as { sessions: { items: readonly Listed[] } }
  expect(sessions.items.map(({ goal, status, iterations }) => [goal, status, iterations])).toEqual([
    ['two', 'red', 1],
    ['one', 'no_runs', 0],
  ])
})

interface Listed {
  readonly goal: string
  readonly status: string
  readonly iterations: number
}

test('several runs at once are iterations each', async () => {
  using project = place()
  await shop(project)
  await project.run(['session', 'start'])
  await Promise.all([project.run(run), project.run(run), project.run(run)])
  const { totals } = await statusOf(project)
  expect(totals).toMatchObject({ iterations: 3, still_failing: 3, flickering: 0 })
})

test('what a session prints to be pasted works', async () => {
  using project = place()
  await shop(project)
  await project.run(['session', 'start'])
  await project.run(run)
  const { stdout } = await project.run(['session', 'status'])
  const commands = printedCommands(stdout)
  expect(commands.length).toBe(4)
  for (const command of commands) {
    const { code, stderr } = await project.paste(command)
    expect({
      command,
      isRight: code === (command.includes(' run ') ? 1 : 0),
      stderr,
    }).toMatchObject({ isRight: true })
  }
})
