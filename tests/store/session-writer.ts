import { openStore } from '../../src/store/store.ts'
import { nanosOf } from '../../src/trace/time.ts'

// A process of its own that joins or starts the session and adds iterations: node session-writer.ts FOLDER NUMBER COUNT
const [, , folder = '', number = '0', count = '0'] = process.argv
await using store = openStore({ folder })
const startedAt = nanosOf(1n)
const session = await store.startSession({
  id: `s-${number}`,
  goal: undefined,
  specs: [],
  project: '/p',
  startedAt,
  endsOpen: false,
})
for (let run = 0; run < Number(count); run += 1) {
  await store.addIteration(session.id, {
    runId: `r-${number}-${run}`,
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
}
