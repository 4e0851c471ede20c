import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore } from '../../src/store/postgres/store.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { payload, spansPerRequest } from './ingest-payload.ts'

// Spans per second of wall time into durable rows of the embedded store and of PostgreSQL, whose URL is in POSTGRES_URL, in
// turns: one request after the other, four at once, and the CPU time of this process alone.
const REQUESTS = 12
const url = process.env['POSTGRES_URL']
if (url === undefined) {
  console.log('POSTGRES_URL is not set: scripts/backends/postgres start')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-bench-'))
  try {
    await using embedded = openStore({ folder })
    await using shared = await openPostgresStore({
      url,
      project: `bench ${process.pid}`,
      place: 'bench',
    })
    for (let round = 0; round < 4; round += 1) {
      await measure(`round ${round}, embedded`, embedded, { round, atOnce: 1 })
      await measure(`round ${round}, PostgreSQL`, shared, { round, atOnce: 1 })
      await measure(`round ${round}, PostgreSQL, four at once`, shared, {
        round: round + 10,
        atOnce: 4,
      })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(
  label: string,
  store: Store,
  { round, atOnce }: { readonly round: number; readonly atOnce: number },
): Promise<void> {
  const requests = Array.from(
    { length: REQUESTS },
    (_, index) => payload(1 + round * REQUESTS + index).protobuf,
  )
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  for (let at = 0; at < REQUESTS; at += atOnce) {
    const batch = requests.slice(at, at + atOnce)
    await Promise.all(batch.map((request) => store.write('traces', request, 'bench')))
  }
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const spans = REQUESTS * spansPerRequest
  const thousands = (perSecond: number): string => `${Math.round(perSecond / 1000)}k`
  console.log(
    `${label}: ${thousands(spans / seconds)} spans/s, ${thousands((spans * 1e6) / (user + system))} per CPU second here`,
  )
}
