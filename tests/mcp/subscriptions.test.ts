import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { place } from '../cli/tracespec.ts'
import { connect, connectTo, eras } from './host.ts'
import { startHttp } from './http-server.ts'

const spec = (name: string, span: string): string =>
  `name: ${name}\nexpected_spans: [{ operation_name: ${span} }]\n`

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to hold')
    await sleep(50)
  }
}

const doors = eras.flatMap((era) => [
  { era, way: 'stdio' as const },
  { era, way: 'http' as const },
])

test.for(doors)(
  'a client of $era over $way hears of what it follows, and of nothing else',
  async ({ era, way }) => {
    using project = place({ 'a.trace.yaml': spec('a', 'a'), 'b.trace.yaml': spec('b', 'b') })
    await using server = way === 'http' ? await startHttp(project) : undefined
    await using host =
      server === undefined ? await connect(project, era) : await connectTo(server, era)
    const { structured } = await host.call('create_development_session', { goal: 'a' })
    const session = `tracespec://session/${String(structured['session_id'])}`
    const progress = JSON.parse(await host.read(session)) as { summary: string }
    const told: string[] = []
    {
      const uris = ['tracespec://spec/a', session, 'tracespec://language']
      await using _following = await host.follow(uris, (uri) => told.push(uri))
      await sleep(1500)
      expect(told).toEqual([])

      project.write('specs/b.trace.yaml', spec('b', 'other'))
      project.write('specs/a.trace.yaml', spec('a', 'other'))
      await until(() => told.length > 0)
      expect(told).toEqual(['tracespec://spec/a'])

      await host.call('execute_and_capture', { command: 'true' })
      await until(() => told.length > 1)
      expect(new Set(told)).toEqual(new Set(['tracespec://spec/a', session]))
      expect(JSON.parse(await host.read(session))).not.toEqual(progress)
    }
    const before = told.length
    project.write('specs/a.trace.yaml', spec('a', 'again'))
    await sleep(2500)
    expect(told).toHaveLength(before)
  },
)

test('a run that goes on is told of when it has ended, and a spec when it is first written', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const args = { command: 'sleep', args: ['2'], wait_ms: 100 }
  const { structured } = await host.call('execute_and_capture', args)
  const run = `tracespec://run/${(structured['run'] as { id: string }).id}`
  await expect(host.read(run)).rejects.toThrow(/not found/i)
  const told: string[] = []
  const uris = [run, 'tracespec://spec/later']
  await using _following = await host.follow(uris, (uri) => told.push(uri))
  await until(() => told.includes(run))
  expect(JSON.parse(await host.read(run))).toMatchObject({ status: expect.any(String) })
  project.write('specs/later.trace.yaml', spec('later', 'a'))
  await until(() => told.includes('tracespec://spec/later'))
  expect(told.filter((uri) => uri !== run)).toEqual(['tracespec://spec/later'])
})

test('two clients that follow the same hear of it once each', async () => {
  using project = place({ 'a.trace.yaml': spec('a', 'a') })
  await using server = await startHttp(project)
  const hosts = await Promise.all([...eras, ...eras].map((era) => connectTo(server, era)))
  const told = hosts.map((): string[] => [])
  for (const [at, host] of hosts.entries()) {
    await host.follow(['tracespec://spec/a'], (uri) => told[at]?.push(uri))
  }
  await sleep(1500)
  project.write('specs/a.trace.yaml', spec('a', 'other'))
  await until(() => told.every(({ length }) => length > 0))
  await sleep(1500)
  expect(told).toEqual(told.map(() => ['tracespec://spec/a']))
  for (const host of hosts) await host[Symbol.asyncDispose]()
})

test('what is no resource of ours cannot be followed', async () => {
  using project = place()
  await using host = await connect(project, '2025-11-25')
  await expect(host.follow(['file:///etc/passwd'], () => undefined)).rejects.toThrow(/not found/i)
})
