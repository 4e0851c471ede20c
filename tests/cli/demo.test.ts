import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { place, printedCommands } from './tracespec.ts'

test('the demo is red with its reasons, then green, in 5 seconds, and leaves nothing behind', async () => {
  verifies('P-15', 'X-02')
  using project = place()
  const { code, stdout, stderr } = await project.run(['demo'])
  const order = [
    '$ tracespec run -- node drive.mjs',
    'FAIL  checkout',
    '`SELECT products` occurs 5 times',
    '`POST /authorize` is missing',
    'This looks like N+1',
    '+  await post(`${process.env.PAYMENT_URL}/authorize`, { card })',
    '$ tracespec run -- node drive.mjs',
    'PASS  checkout',
    'Red, then green',
  ]
  const places = order.map((text, at) =>
    stdout.indexOf(text, at > 5 ? stdout.indexOf('The fix') : 0),
  )
  expect({ code, stderr, missing: order.filter((_, at) => places[at] === -1) }).toEqual({
    code: 0,
    stderr: '',
    missing: [],
  })
  expect(await bestOfThreeMs(() => project.run(['demo']))).toBeLessThan(5000)
  expect(readdirSync(join(dirname(project.folder), 'tmp'))).toEqual([])
  expect(readdirSync(project.folder)).toEqual(['tracespec.yaml'])
})

/** The machine may be busy with something else, but hardly three times. */
async function bestOfThreeMs(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity
  for (let attempt = 0; attempt < 3 && best > 4000; attempt += 1) {
    const started = performance.now()
    await work()
    best = Math.min(best, performance.now() - started)
  }
  return best
}

test('the demo as one document holds both results', async () => {
  using project = place()
  const { code, stdout } = await project.run(['demo', '--json'])
  const { schema, red, green } = JSON.parse(stdout)
  expect([code, schema, red.status, green.status]).toEqual([0, 'tracespec.demo/1', 'fail', 'pass'])
  expect(red.specs[0].missing_spans.items).toEqual([
    {
      expectation: 'expected_spans[0].children[1]',
      name: 'POST /authorize',
      parent: 'POST /checkout',
    },
  ])
})

test('the demo can be kept to try things on it, with commands that work', async () => {
  using project = place()
  const first = await project.run(['demo'])
  const [keep = ''] = printedCommands(first.stdout)
  expect(keep).toBe('tracespec demo --keep shop-demo')
  const kept = await project.paste(keep)
  const [run = ''] = printedCommands(kept.stdout)
  const again = await project.paste(`cd shop-demo && ${run}`)
  const refused = await project.paste(keep)
  expect([kept.code, run, again.code, refused.code]).toEqual([
    0,
    'tracespec run -- node drive.mjs',
    1,
    2,
  ])
  expect(refused.stderr).toContain('shop-demo is there already')

  const shop = join(project.folder, 'shop-demo')
  const patched = await project.paste(
    'cd shop-demo && patch -p0 < fix.patch && tracespec run -- node drive.mjs',
  )
  expect(patched.code).toBe(0)
  expect(readFileSync(join(shop, 'checkout.mjs'), 'utf8')).toContain('/authorize')
})

test('the verdict of the demo comes within 300 ms of the command, median of its runs', async () => {
  verifies('X-02')
  using project = place()
  await project.run(['demo', '--keep', 'shop'])
  const waits: number[] = []
  for (let run = 0; run < 5; run += 1) {
    const done = await project.run(['run', '--json', '--', 'node', 'drive.mjs'], {
      cwd: join(project.folder, 'shop'),
    })
    waits.push(JSON.parse(done.stdout).run.waited_ms)
  }
  expect(waits.toSorted((a, b) => a - b)[2]).toBeLessThan(300)
})

test("the README shows the demo's own report", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, report = ''] = /<!-- report -->\n```\n([\s\S]*?)```/.exec(readme) ?? []
  const lines = report.split('\n').filter((line) => line !== '')
  expect(lines.length).toBeGreaterThan(5)
  using project = place()
  const { stdout } = await project.run(['demo'])
  const printed = new Set(stdout.split('\n'))
  expect(lines.filter((line) => !printed.has(line))).toEqual([])
})
