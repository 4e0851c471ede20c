import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { jsonSpec } from './specs.ts'
import { fixture, place, program, type Place } from './tracespec.ts'

interface Listed {
  readonly trace_id: string
  readonly root: string
  readonly run: string
}

async function listed(project: Place, ...args: readonly string[]): Promise<readonly Listed[]> {
  const done = await project.run(['traces', '--json', ...args])
  const { traces } = JSON.parse(done.stdout) as { traces: { items: readonly Listed[] } }
  return traces.items
}

test('a program that honours TRACEPARENT is judged like one that does not', async () => {
  verifies('X-01')
  using project = place({ 'json.trace.yaml': jsonSpec })
  symlinkSync(fixture('node_modules'), join(project.folder, 'node_modules'))
  project.write(
    'honours.mjs',
    `import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { startSdk } from ${JSON.stringify(fixture('fixtures/apps/programs/sdk.mjs'))}
const provider = startSdk()
const parent = propagation.extract(ROOT_CONTEXT, { traceparent: process.env.TRACEPARENT })
context.with(parent, () => trace.getTracer('t').startSpan('as json').end())
await provider.shutdown()
`,
  )
  const done = await project.run(['run', '--json', '--', 'node', 'honours.mjs'])
  const { status, evidence, captured } = JSON.parse(done.stdout)
  const again = await project.run(['check', '--json', 'last'])
  const [trace] = await listed(project)
  const byTrace = await project.run(['check', '--json', `trace:${trace?.trace_id}`])
  expect({ status, complete: evidence.complete, roots: captured.roots.items.length }).toEqual({
    status: 'pass',
    complete: true,
    roots: 1,
  })
  expect([again.code, byTrace.code]).toEqual([0, 0])
})

test('a moment without a zone, which is another one elsewhere, is refused', async () => {
  using project = place()
  const asked = await Promise.all(
    ['2026-11-20T14:30:00', '2026-11-20T14:30:00-05:00', '2026-11-20'].map((moment) =>
      project.run(['traces', '--until', moment]),
    ),
  )
  expect(asked.map(({ code }) => code)).toEqual([2, 0, 0])
})

test('traces are found by what they hold', async () => {
  verifies('P-07')
  using project = place()
  await project.run(['run', '--', ...program('json.mjs')])
  await project.run(['run', '--', ...program('failing-test.mjs')])
  const all = await listed(project)
  const roots = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await listed(project, ...args)).map(({ root }) => root)
  expect(all.map(({ root }) => root)).toEqual(['work', 'as json'])
  expect(await roots('--operation', 'as json')).toEqual(['as json'])
  expect(await roots('--service', 'nobody')).toEqual([])
  expect(await roots('--run', all[0]?.run ?? '')).toEqual(['work'])
  expect(await roots('--since', '1h', '--limit', '1')).toEqual(['work'])
  expect(await roots('--since', '2001-01-01', '--until', '2002-01-01')).toEqual([])
  expect(await roots('operation="as json" duration<1h')).toEqual(['as json'])
  expect(await roots('operation=work', '--service', 'nobody')).toEqual([])
  expect(await roots('--errors')).toEqual([])
  expect(await roots('--min-duration', '1h')).toEqual([])
  expect(await roots('--attribute', 'no.such=thing')).toEqual([])
  const { stdout } = await project.run(['traces', '--limit', '1'])
  expect(stdout).toContain('1 of 2 traces are shown, 1 omitted; --limit 2 shows all.')
})

test('show draws the trace, what a spec misses in it, and one span with all that it carries', async () => {
  using project = place({
    'more.trace.yaml':
      'name: more\nexpected_spans:\n  - operation_name: hipstershop.Frontend/Recv.\n    children:\n      - operation_name: never\n',
  })
  const trace = fixture('fixtures/traces/online-boutique.otlp.json')
  const drawn = await project.run(['show', trace, '--spec', 'more'])
  const view = JSON.parse((await project.run(['show', trace, '--json'])).stdout)
  const [span] = view.traces.items[0].spans.items
  const one = await project.run(['show', trace, '--span', span.span_id])
  expect([drawn.code, one.code]).toEqual([0, 0])
  expect(drawn.stdout).toMatch(/✗ .*never .*missing/)
  expect(one.stdout).toContain(
    `  span                              hipstershop.Frontend/Recv.  ${span.span_id}`,
  )
  expect(one.stdout).toContain('  resource.service.name')
})
