import { createInterface } from 'node:readline'
import { listen } from '../../src/receiver/listen.ts'
import { openStore } from '../../src/store/store.ts'

// The measured process: node ingest-receiver.ts FOLDER. It says its address, and after each line that it is sent the
// microseconds of CPU time it used since the last one.
const [, , folder = ''] = process.argv
await using store = openStore({ folder })
await using receiver = await listen({ sink: store, runId: 'bench' })
process.stdout.write(`${receiver.url}\n`)
let before = process.cpuUsage()
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(`${user + system}\n`)
  before = process.cpuUsage()
}
