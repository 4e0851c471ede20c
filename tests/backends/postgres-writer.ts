import { encodeTraces } from '../../src/otlp/encode.ts'
import { openPostgresStore } from '../../src/store/postgres/store.ts'
import type { RunEnd } from '../../src/trace/ports.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { span } from '../trace/spans.ts'

// A process of its own that makes the tables with others, writes a run of its own and the same traces as all, several requests at
// once, and joins or starts the session: node postgres-writer.ts URL NUMBER REQUESTS
const [, , url = '', number = '0', requests = '0'] = process.argv
await using store = await openPostgresStore({ url, project: 'shop', place: 'here', maxRuns: 3 })
const id = `r-${number}`
const startedAt = nanosOf(BigInt(number) + 1n)
await store.begin({ id, command: ['npm', 'test'], cwd: '/p', startedAt })
const request = (index: number, trace: number): Uint8Array =>
  encodeTraces(
    Array.from({ length: 10 }, (_, at) =>
      span({ id: index * 10 + at, trace: at % 2 === 0 ? trace : trace + 1 }),
    ),
  )
await Promise.all(
  Array.from({ length: Number(requests) }, async (_, index) => {
    await store.write('traces', request(index, 100 + Number(number) * 2), id)
    await store.write('traces', request(index, 1), 'shared')
  }),
)
const session = await store.startSession({
  id: `s-${number}`,
  goal: undefined,
  specs: [],
  project: '/p',
  startedAt,
  endsOpen: false,
})
for (let run = 0; run < Number(requests); run += 1) {
  await store.addIteration(session.id, {
    runId: `${id}-${run}`,
    command: ['true'],
    cwd: '/p',
    options: [],
    code: undefined,
    status: 'pass',
    specs: [],
    checks: [],
    startedAt,
    durationMs: 1,
  })
  await store.keepSpecs([
    { path: 'a', name: 'a', sha256: `${run}`, text: '', firstSeen: startedAt, origin: 'run' },
  ])
}
const end: RunEnd = {
  endedAt: nanosOf(startedAt + 1n),
  exitCode: 0,
  signal: undefined,
  evidence: { complete: true, reasons: [], lossyEnds: [] },
  status: 'fail',
  exercised: [],
  resultJson: '{}',
}
await store.finish(id, end)
