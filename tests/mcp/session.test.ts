import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { copyShop, fixture, place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect, eras } from './host.ts'

const patch = readFileSync(fixture('fixtures/apps/shop/fix.patch'), 'utf8')

interface Step {
  readonly tool: string
  readonly arguments: Record<string, unknown>
}

function stepFor(tool: string, { next_steps: steps }: Record<string, unknown>): Step['arguments'] {
  return (steps as Step[]).find((step) => step.tool === tool)?.arguments ?? {}
}

test.for(eras)('an agent of %s goes from red to green in a session', async (era) => {
  verifies('P-14', 'P-16', 'P-17')
  using project = place()
  copyShop(project)
  await using host = await connect(project, era)
  const begun = await host.call('create_development_session', {
    goal: 'authorize',
    specs: ['checkout'],
  })
  const { session_id: session } = begun.structured
  const first = stepFor('execute_and_capture', begun.structured)
  expect(first).toEqual({ command: 'npm', args: ['test'], session_id: session })

  const red = await host.call('execute_and_capture', {
    ...first,
    command: 'node',
    args: ['drive.mjs'],
  })
  expect(red.structured).toMatchObject({
    status: 'fail',
    session: { id: session, status: 'red', iterations: 1, still_failing: 3 },
  })
  const asked = stepFor('suggest_next_steps', red.structured)
  const { structured: suggested } = await host.call('suggest_next_steps', asked)
  expect(suggested).toMatchObject({
    status: 'red',
    steps: {
      items: [
        { code: 'repair', spec: 'checkout', at: 'specs/checkout.trace.yaml:15:9' },
        { code: 'repair', spec: 'checkout', at: 'specs/checkout.trace.yaml:13:13' },
      ],
      total: 2,
    },
  })
  const seen = await host.call('get_trace_by_id', stepFor('get_trace_by_id', suggested))
  expect(seen.isError).toBe(false)

  const file = join(project.folder, 'checkout.mjs')
  project.write('checkout.mjs', applyPatch(readFileSync(file, 'utf8'), patch))
  const again = stepFor('execute_and_capture', suggested)
  expect(again).toEqual({ command: 'node', args: ['drive.mjs'], session_id: session })
  const green = await host.call('execute_and_capture', again)
  expect(green.structured).toMatchObject({
    status: 'pass',
    session: { status: 'green', iterations: 2, fixed: 3, still_failing: 0 },
  })

  const { structured: progress } = await host.call('get_session_progress')
  const tokens = Math.ceil(Buffer.byteLength(JSON.stringify(green.structured)) / 4)
  expect(progress).toMatchObject({
    session_id: session,
    status: 'green',
    iterations: {
      items: [
        { change: 'first', failing: 3, new: { total: 3 } },
        { change: 'helped', failing: 0, fixed: { total: 3 }, tokens },
      ],
    },
  })
  const last = await host.call('suggest_next_steps')
  expect(last.structured).toMatchObject({
    status: 'green',
    steps: { items: [{ code: 'end_session' }] },
    next_steps: [],
  })
})

test('what a session does not allow is answered with a call that it does', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const none = await host.call('get_session_progress')
  expect(none).toMatchObject({
    isError: true,
    structured: {
      error: { code: 'SESSION_NOT_FOUND', message: 'this project has no session yet' },
      next_steps: [{ tool: 'create_development_session' }],
    },
  })
  const [step] = none.structured['next_steps'] as Step[]
  const begun = await host.call(step?.tool ?? '', step?.arguments)
  expect(begun.isError).toBe(false)
  const second = await host.call('create_development_session')
  expect(second.structured).toMatchObject({ error: { code: 'USAGE' } })
  const instead = await host.call('create_development_session', { end_open: true })
  expect([
    instead.isError,
    instead.structured['session_id'] === begun.structured['session_id'],
  ]).toEqual([false, false])
  const gone = await host.call('execute_and_capture', {
    command: 'true',
    session_id: String(begun.structured['session_id']),
  })
  expect(gone.structured).toMatchObject({ error: { code: 'SESSION_NOT_FOUND' } })
})

test('a spec that is weakened in a session before its first run is told with that run', async () => {
  verifies('P-16', 'X-07')
  using project = place()
  copyShop(project)
  await using host = await connect(project, '2026-07-28')
  await host.call('create_development_session', { specs: ['checkout'] })
  const { structured: spec } = await host.call('get_trace_spec', { name: 'checkout' })
  const remove = ['expected_spans[0].children[1]']
  await host.call('update_trace_spec', { name: 'checkout', sha256: spec['sha256'], remove })
  const ran = await host.call('execute_and_capture', { command: 'node', args: ['drive.mjs'] })
  const told = {
    at: 'specs/checkout.trace.yaml:15:9',
    message: '`checkout` asks for less: `POST /authorize` is no longer expected.',
  }
  expect(ran.structured['session']).toMatchObject({ weaker: { items: [told], total: 1 } })
  const { structured: progress } = await host.call('get_session_progress')
  expect(progress).toMatchObject({
    totals: { weakened: 1 },
    iterations: { items: [{ change: 'first', weaker: { items: [told] } }] },
  })
})
