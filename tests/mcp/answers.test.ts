import { expect, test } from 'vitest'
import { allTools } from '../../src/mcp/tools.ts'
import { fixture, place, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { emitter } from './emit.ts'
import { connect, connectTo, eras, type Host } from './host.ts'
import { startHttp } from './http-server.ts'

const specification = `expected_spans:
  - operation_name: POST /checkout
    service_name: emitter
    kind: server
    children:
      - { operation_name: cart.price, status: ok }
      - { operation_name: payment.authorize, required_tags: { card: visa } }
`

const program = emitter(
  [
    { name: 'POST /checkout' },
    { name: 'cart.price', parent: 0 },
    { name: 'payment.authorise', parent: 0, attributes: { card: 'visa' }, error: 'declined' },
    { name: 'SELECT', parent: 1 },
    { name: 'SELECT', parent: 1 },
    { name: 'SELECT', parent: 1 },
  ],
  ['POST /checkout 500'],
)

/** Every tool once, in the order of a day's work. */
async function answersOf(open: Door): Promise<Record<string, unknown>> {
  using project = place()
  project.write('shop.mjs', program)
  return await open(project, answersTo)
}

type Door = <T>(project: Place, ask: (host: Host) => Promise<T>) => Promise<T>

const all = ['--toolsets', 'all']

const doors: readonly Door[] = eras.flatMap((era): readonly Door[] => [
  async (project, ask) => {
    await using host = await connect(project, era, all)
    return await ask(host)
  },
  async (project, ask) => {
    await using server = await startHttp(project, { args: all })
    await using host = await connectTo(server, era)
    return await ask(host)
  },
])

async function answersTo(host: Host): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {}
  const ask = async (name: string, args: Record<string, unknown> = {}) => {
    const { structured } = await host.call(name, args)
    const tool = await allTools[name]?.()
    expect(tool?.output.safeParse(structured).error?.message).toBeUndefined()
    answers[name] = structured
    return structured
  }
  await ask('define_trace_spec', { name: 'checkout', specification })
  await ask('list_trace_specs')
  const { sha256 } = await ask('get_trace_spec', { name: 'checkout' })
  await ask('execute_and_capture', { command: 'node', args: ['shop.mjs'], spec: 'checkout' })
  await ask('compare_trace_to_spec', { trace: 'last', spec: 'checkout' })
  const { traces } = await ask('get_traces', { service_name: 'emitter', errors: true })
  const [first] = (traces as { items: { trace_id: string }[] }).items
  await ask('get_trace_by_id', { trace_id: first?.trace_id, detail: 'spans', limit: 2 })
  await ask('analyze_trace', { trace_id: first?.trace_id })
  await ask('search_traces', { query: 'service=emitter status=error', limit: 1 })
  await ask('validate_trace_collection', { spec: 'checkout', query: 'service=emitter' })
  await ask('create_development_session', { goal: 'authorize first', specs: ['checkout'] })
  await host.call('execute_and_capture', { command: 'node', args: ['shop.mjs'] })
  await ask('get_session_progress')
  await ask('suggest_next_steps')
  await ask('update_trace_spec', {
    name: 'checkout',
    sha256,
    remove: ['expected_spans[0].children[1].required_tags'],
  })
  return answers
}

/** What differs from run to run, by what it is. */
function steady(answers: unknown): string {
  return JSON.stringify(answers, null, 2)
    .replaceAll(/\b[0-9a-f]{32}\b/g, 'TRACE')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'SHA256')
    .replaceAll(/\br-[0-9a-z]{13}\b/g, 'RUN')
    .replaceAll(/"started_at": "[^"]+"/g, '"started_at": "TIME"')
    .replaceAll(/\bs-[0-9a-f]{8}\b/g, 'SESSION')
    .replaceAll(/("tokens": )\d+/g, '$10')
    .replaceAll(/("(?:undecided|commit)": \w+,\s+"duration_ms": )\d+/g, '$10')
    .replaceAll(/("run": \{[^}]*"duration_ms": )\d+/g, '$10')
}

test('every tool answers alike in both eras, over stdio and HTTP, as its schema and the golden file say', async () => {
  verifies('P-01', 'P-02', 'P-07', 'P-15', 'D-10')
  const [first, ...others] = await Promise.all(doors.map(answersOf))
  expect(Object.keys(first ?? {}).toSorted()).toEqual(Object.keys(allTools).toSorted())
  expect(others.map(steady)).toEqual(others.map(() => steady(first)))
  await expect(`${steady(first)}\n`).toMatchFileSnapshot(
    fixture('tests/mcp/golden/answers.json.txt'),
  )
})
