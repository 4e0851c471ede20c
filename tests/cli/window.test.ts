import { describe, expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, TRACE_ID } from '../report/spans.ts'
import { backend } from '../sources/backend.ts'
import { verifies } from '../verifies.ts'
import { send, serve } from './serving.ts'
import { place, program, type Place } from './tracespec.ts'

const specs = {
  'both.trace.yaml':
    'name: both\ntraces: { min: 2, max: 2 }\napplies_to: { operation_name: { glob: "as *" } }\nexpected_spans: [{ operation_name: { glob: "as *" } }]\n',
  'guard.trace.yaml': 'name: guard\nforbidden_spans: [{ operation_name: as xml }]\n',
  'strict.trace.yaml': 'name: strict\nforbidden_spans: [{ operation_name: as json }]\n',
  'third.trace.yaml':
    'name: third\ntraces: { max: 1 }\napplies_to: { operation_name: { glob: "as *" } }\nexpected_spans: [{ operation_name: { glob: "as *" } }]\n',
}

interface Judged {
  readonly code: number | null
  readonly status: string
  readonly reasons: readonly string[]
  /** The open checks. */
  readonly open: readonly string[]
}

async function check(project: Place, ...args: readonly string[]): Promise<Judged> {
  const { code, stdout } = await project.run(['check', '--json', ...args])
  const result: {
    readonly status: string
    readonly evidence: { readonly reasons: readonly { readonly code: string }[] }
    readonly specs: readonly {
      readonly findings: { readonly items: readonly { readonly check?: string }[] }
    }[]
  } = JSON.parse(stdout)
  return {
    code,
    status: result.status,
    reasons: result.evidence.reasons.map((reason) => reason.code),
    open: result.specs.flatMap(({ findings }) => findings.items.flatMap((one) => one.check ?? [])),
  }
}

/** Two programs that were up before have sent one trace each. */
async function received(project: Place): Promise<void> {
  const serving = await serve(project)
  await send('json.mjs', serving.urls[0])
  await send('protobuf.mjs', serving.urls[1])
  await serving.until('as protobuf')
  await serving.stop()
}

describe.concurrent('what programs sent in a time', () => {
  test('is open while more may come, but for what was seen', async () => {
    verifies('P-33', 'X-02')
    using project = place(specs)
    await received(project)
    const now = ['since:10m', '--wait', '0']
    const seen = await Promise.all(
      Object.keys(specs).map(async (file) => {
        const { code, status, open } = await check(project, ...now, '--spec', `specs/${file}`)
        return [file.split('.', 1)[0], code, status, open.includes('traces.max')]
      }),
    )
    expect(seen).toEqual([
      ['both', 3, 'inconclusive', true],
      ['guard', 3, 'inconclusive', false],
      ['strict', 1, 'fail', false],
      ['third', 3, 'inconclusive', true],
    ])
    const told = await project.run(['check', ...now, '--spec', 'guard'])
    expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Ask for a time that is over, as `since:10m..10s`.',
    )
    const shown = await project.run(['show', 'since:10m'])
    expect([
      shown.code,
      [...shown.stdout.matchAll(/as \w+/g)].flat().toSorted(),
      shown.stderr,
    ]).toEqual([
      0,
      ['as json', 'as protobuf'],
      expect.stringMatching(/^(tracespec: .* so (more may come|spans of it may still come)\.\n)+$/),
    ])
    expect((await project.run(['analyze', 'since:10m', '--json'])).code).toBe(0)
  })

  test('is decided when it is over, of runs and of none', { timeout: 90_000 }, async () => {
    verifies('P-33')
    using project = place(specs)
    await received(project)
    const waited = await project.run(['check', 'since:10m', '--spec', 'both', '--spec', 'guard'])
    expect([waited.code, waited.stderr]).toEqual([
      0,
      'tracespec: waiting 10 s for what is still to come of that time; --wait 0 reads at once\n',
    ])
    const over = ['since:10m..10s', '--wait', '0']
    expect(await check(project, ...over, '--spec', 'both', '--spec', 'guard')).toEqual({
      code: 0,
      status: 'pass',
      reasons: ['window_over', 'structurally_complete'],
      open: [],
    })
    expect((await check(project, ...over, '--spec', 'third')).code).toBe(1)
    await project.run(['run', '--', ...program('json.mjs')])
    expect((await check(project, 'since:10m', '--spec', 'third')).code).toBe(1)
    const nothing = await project.run(['check', 'since:2020-01-01..2020-01-02'])
    expect([nothing.code, nothing.stderr]).toEqual([
      2,
      expect.stringContaining('no span of since:2020-01-01..2020-01-02 is in this project\n'),
    ])
  })
})

test('what a backend has of a time is searched there', async () => {
  verifies('P-06', 'P-23')
  const start = nanosOf(BigInt(Date.now() - 600_000) * 1_000_000n)
  const span = { ...sketch({ id: 1, name: 'as json', from: 0, to: 1 }), start, end: start }
  await using server = await backend((request, response) => {
    const body =
      request.url?.startsWith('/api/v3/services') === true ? '{"services":[]}' : undefined
    response.end(body ?? `{"result":${encodeTracesJson([span])}}`)
  })
  using project = place(specs)
  const from = ['--from', server.url.href, '--spec', 'guard']
  expect(await check(project, 'since:1h..1m', ...from)).toMatchObject({
    code: 0,
    reasons: ['window_over', 'trace_settled', 'structurally_complete'],
  })
  expect(await check(project, 'since:1h', ...from)).toMatchObject({
    code: 3,
    reasons: ['window_open', 'trace_settled'],
  })
  const lines = server.asked.map(({ line }) => line)
  expect(lines.some((line) => line.includes(`/api/v3/traces/${TRACE_ID}`))).toBe(true)
  expect(lines.some((line) => line.includes('query.start_time_min'))).toBe(true)
})
