import { describe, expect, test } from 'vitest'
import { resultSchema } from '../../src/report/result-schema.ts'
import type { Result } from '../../src/verify/outcome.ts'
import { verifies } from '../verifies.ts'
import { openPipeline } from './pipeline.ts'
import { place, program } from './tracespec.ts'

type Change = Parameters<typeof openPipeline>[0]

const specs = { 'json.trace.yaml': 'name: json\nexpected_spans: [{ operation_name: as json }]\n' }

/** Runs a program whose span goes through a pipeline that does this to it. */
async function delivered(
  change: Change,
  options: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly result: Result; readonly url: string }> {
  await using pipeline = await openPipeline(change)
  using project = place(specs)
  const { url } = pipeline
  const through = ['--forward', url, '--then-from', url, '--wait', '1s']
  const done = await project.run([
    'run',
    '--json',
    ...through,
    ...options,
    '--',
    ...program('json.mjs'),
  ])
  return { code: done.code, result: resultSchema.parse(JSON.parse(done.stdout)), url }
}

describe.concurrent('what the pipeline of the user delivers', () => {
  test('is all there', async () => {
    verifies('P-33', 'X-02')
    const { code, result, url } = await delivered((spans) => spans)
    expect([code, result.delivery]).toMatchObject([
      0,
      { source: url, status: 'pass', sent: 1, arrived: 1, problem: null, late: { total: 0 } },
    ])
    expect(result.summary).toBe(
      `Passed: \`json\` holds on 1 span in 1 trace, and ${url} has every span.`,
    )
  })

  test('is late, which is told and no failure', async () => {
    const { code, result } = await delivered(
      (spans, asked) => (asked < 3 ? [] : spans),
      ['--wait', '10s'],
    )
    expect([code, result.delivery?.status, result.delivery?.late.items]).toMatchObject([
      0,
      'pass',
      [{ name: 'as json' }],
    ])
  })

  test('is lost: the specs hold, and the run fails', async () => {
    verifies('P-33')
    const { code, result, url } = await delivered(() => [])
    expect([code, result.specs[0]?.status, result.delivery]).toMatchObject([
      1,
      'pass',
      { status: 'fail', sent: 1, arrived: 0, lost: { items: [{ name: 'as json' }] } },
    ])
    expect(result.summary).toMatch(/^Failed: http\S+ has 0 of 1 span after .+ Lost: `as json`/)
    expect(result.next_steps.map(({ text }) => text)).toContainEqual(
      expect.stringContaining(`tracespec show --from ${url} trace:`),
    )
  })

  test('is changed: the facts that are gone are named', async () => {
    verifies('P-33')
    const { code, result } = await delivered((spans) =>
      spans.map((span) => ({ ...span, name: 'redacted', status: { code: 'error', message: '' } })),
    )
    expect([code, result.delivery]).toMatchObject([
      1,
      { status: 'fail', arrived: 1, changed: { items: [{ changes: ['name', 'status'] }] } },
    ])
  })

  test('is not known while the backend is away, and that is no pass', async () => {
    await using pipeline = await openPipeline(() => {
      void pipeline[Symbol.asyncDispose]()
      return []
    })
    using project = place(specs)
    const through = ['--forward', pipeline.url, '--then-from', pipeline.url, '--wait', '1s']
    const done = await project.run(['run', '--json', ...through, '--', ...program('json.mjs')])
    const result = resultSchema.parse(JSON.parse(done.stdout))
    expect([done.code, result.delivery?.status]).toEqual([3, 'inconclusive'])
    expect(result.delivery?.problem).toMatch(/nothing listens|reset|closed/)
  })

  test('is asked for only when the backend is there before the command runs', async () => {
    using project = place(specs)
    const to = (name: string): Promise<{ readonly code: number | null; readonly stderr: string }> =>
      project.run(['run', '--then-from', name, '--', 'sh', '-c', 'touch ran'])
    const [unknown, away] = await Promise.all([to('jeager'), to('http://127.0.0.1:9')])
    expect([unknown.code, away.code]).toEqual([2, 2])
    expect(unknown.stderr).toContain('jaeger')
    expect((await project.run(['run', '--', 'test', '!', '-e', 'ran'])).stderr).not.toContain(
      'exited',
    )
  })
})
