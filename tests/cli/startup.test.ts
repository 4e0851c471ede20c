import { once } from 'node:events'
import { expect, test } from 'vitest'
import { jsonSpec } from './specs.ts'
import { place } from './tracespec.ts'

/** The best of some attempts, each of which answers its own time: the machine may be busy with something else. */
async function bestOf(count: number, attempt: () => Promise<number>): Promise<number> {
  let best = Infinity
  for (let done = 0; done < count; done += 1) best = Math.min(best, await attempt())
  return best
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

test('a run shows a sign of life within 100 ms', async () => {
  using project = place({ 'json.trace.yaml': jsonSpec })
  const signOfLife = async (): Promise<number> => {
    const { child, finished } = project.start(['run', '--', 'true'])
    const { stderr } = child
    if (stderr === null) throw new Error('no pipe')
    const waited = await elapsedMs(() => once(stderr, 'readable'))
    await finished
    return waited
  }
  expect(await bestOf(8, signOfLife)).toBeLessThan(100)
})

test('help comes without the engine and the store', async () => {
  using project = place()
  const bare = await bestOf(5, () => elapsedMs(() => project.paste('node -e 0')))
  const help = await bestOf(5, () => elapsedMs(() => project.run(['check', '--help'])))
  expect(help - bare).toBeLessThan(80)
})
