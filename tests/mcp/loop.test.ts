import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { copyShop, fixture, place, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect, type Host } from './host.ts'

const patch = readFileSync(fixture('fixtures/apps/shop/fix.patch'), 'utf8')

/** A fault that is planted into a shop that works. */
interface Variant {
  readonly name: string
  /** The file that the fault is in. */
  readonly file: string
  readonly plant: (right: string) => string
  /** What the first step says. */
  readonly says: RegExp
  /** The line of the file that the evidence leads to. */
  readonly leadsTo: RegExp
}

const authorize = '  await post(`${process.env.PAYMENT_URL}/authorize`, { card })\n'
const ordered = "  await query('INSERT orders', 'INSERT INTO orders VALUES ($1, $2)')\n"
const priced =
  "    await query('SELECT products', 'SELECT price FROM products WHERE id = ANY ($1)')\n"

const variants: readonly Variant[] = [
  {
    name: 'a missing call',
    file: 'checkout.mjs',
    plant: (right) => replaced(right, authorize, ''),
    says: /^`POST \/authorize` is missing under `POST \/checkout` \(shop\)\. The required span below it goes missing/,
    leadsTo: /here\(\)/,
  },
  {
    name: 'a wrong parent',
    file: 'checkout.mjs',
    plant: (right) => replaced(replaced(right, ordered, ''), priced, `${priced}  ${ordered}`),
    says: /^`INSERT orders` is there, but under `cart\.price` \(shop\), not under `POST \/checkout` \(shop\)\./,
    leadsTo: /INSERT orders/,
  },
  {
    name: 'N+1 queries',
    file: 'checkout.mjs',
    plant: (right) => replaced(right, priced, `    for (const _ of cart) {\n  ${priced}    }\n`),
    says: /^`SELECT products` occurs 5 times under `cart\.price` \(shop\), allowed is at most 1\./,
    leadsTo: /SELECT products/,
  },
  {
    name: 'a swallowed error',
    file: 'payment.mjs',
    plant: (right) =>
      replaced(
        right,
        "async () => ({ authorized: card.endsWith('1') })),",
        "async () => ({ authorized: card.number.endsWith('1') })).catch(() => ({ authorized: true })),",
      ),
    says: /^`card\.check` \(payment\) ended with an error .*TypeError/,
    leadsTo: /card\.number\.endsWith/,
  },
  {
    name: 'a lost context',
    file: 'checkout.mjs',
    plant: (right) =>
      replaced(
        right,
        authorize,
        "  await fetch(`${process.env.PAYMENT_URL}/authorize`, { method: 'POST', body: JSON.stringify({ card }) })\n",
      ),
    says: /^`POST \/authorize` is missing under `POST \/checkout` \(shop\)\..* `POST \/authorize` \(payment\) begins a trace of its own: its context was lost/,
    leadsTo: /here\(\)/,
  },
]

function replaced(text: string, part: string, by: string): string {
  expect(text).toContain(part)
  return text.replace(part, () => by)
}

/** The shop as it should be, with spans that say where their code stands, as instrumentations can. */
function rightShop(project: Place): void {
  copyShop(project)
  const read = (name: string): string => readFileSync(join(project.folder, name), 'utf8')
  const located = `/** The place outside of this file that called. */
function caller() {
  const line = new Error().stack.split('\\n').find((text) => text.includes('file://') && !text.includes('telemetry.mjs'))
  const [, path, number] = /(file:[^():]+):(\\d+):\\d+/.exec(line ?? '') ?? []
  return path === undefined ? {} : { 'code.file.path': new URL(path).pathname, 'code.line.number': Number(number) }
}

/** The span that is under way is worked on here. */
export function here() {
  trace.getActiveSpan()?.setAttributes(caller())
}
`
  const telemetry = replaced(
    read('telemetry.mjs'),
    '  return tracer.startActiveSpan(name, options, async (span) => {\n',
    '  const attributes = { ...caller(), ...options.attributes }\n  return tracer.startActiveSpan(name, { ...options, attributes }, async (span) => {\n',
  )
  project.write('telemetry.mjs', `${telemetry}\n${located}`)
  const checkout = applyPatch(read('checkout.mjs'), patch)
  project.write(
    'checkout.mjs',
    replaced(
      replaced(checkout, 'import { inSpan,', 'import { here, inSpan,'),
      'checkout({ cart, card }) {\n',
      'checkout({ cart, card }) {\n  here()\n',
    ),
  )
}

interface Step {
  readonly tool: string
  readonly arguments: Record<string, unknown>
}

interface Repair {
  readonly code: string
  readonly message: string
  readonly source?: string
  readonly line?: number | null
}

/** An agent that knows nothing but what it is answered. */
interface Agent {
  readonly ask: (tool: string, args?: Record<string, unknown>) => Promise<Record<string, unknown>>
  /** The proposed call of this tool, as it stands. */
  readonly follow: (
    answer: Record<string, unknown>,
    tool: string,
  ) => Promise<Record<string, unknown>>
  readonly spent: () => { readonly calls: number; readonly tokens: number }
}

function agentOf(host: Host): Agent {
  let calls = 0
  let tokens = 0
  const ask: Agent['ask'] = async (tool, args) => {
    const { structured, isError } = await host.call(tool, args)
    calls += 1
    tokens += Math.ceil(Buffer.byteLength(JSON.stringify(structured)) / 4)
    expect([tool, isError]).toEqual([tool, false])
    return structured
  }
  return {
    ask,
    follow: (answer, tool) => {
      const step = (answer['next_steps'] as Step[]).find((one) => one.tool === tool)
      expect(step, `${tool} is proposed`).toBeDefined()
      return ask(tool, step?.arguments)
    },
    spent: () => ({ calls, tokens }),
  }
}

const table: string[] = []

test.for(variants)('an agent that follows the answers finds and repairs $name', async (variant) => {
  verifies('P-13', 'P-16', 'P-17')
  using project = place()
  rightShop(project)
  const right = readFileSync(join(project.folder, variant.file), 'utf8')
  const wrong = variant.plant(right)
  project.write(variant.file, wrong)
  await using host = await connect(project, '2026-07-28')
  const agent = agentOf(host)

  await agent.ask('create_development_session', { goal: variant.name, specs: ['checkout'] })
  const red = await agent.ask('execute_and_capture', { command: 'node', args: ['drive.mjs'] })
  expect(red['status']).toBe('fail')
  const suggested = await agent.follow(red, 'suggest_next_steps')
  const { items } = suggested['steps'] as { items: readonly Repair[] }
  const [first] = items
  expect(first?.code).toBe('repair')
  expect(first?.message).toMatch(variant.says)
  expect(first?.source).toBe(variant.file)
  expect(wrong.split('\n')[(first?.line ?? 0) - 1]).toMatch(variant.leadsTo)
  const seen = await agent.follow(suggested, 'get_trace_by_id')
  expect((seen['spans'] as { shown: number }).shown).toBeGreaterThan(0)

  // Only the file that the evidence names is put right.
  expect(first?.source).toBeDefined()
  project.write(first?.source ?? '', right)
  const green = await agent.follow(suggested, 'execute_and_capture')
  expect(green).toMatchObject({ status: 'pass', session: { status: 'green', still_failing: 0 } })

  const { calls, tokens } = agent.spent()
  table.push(`${variant.name}: ${calls} calls, ${tokens} tokens answered`)
  expect(calls).toBeLessThanOrEqual(5)
  expect(tokens).toBeLessThanOrEqual(4000)
})

afterAll(() => {
  process.stdout.write(`the loop, from a broken shop to green:\n  ${table.join('\n  ')}\n`)
})
