import { once } from 'node:events'
import { createServer } from 'node:net'
import { withoutOwnRoot } from '../../src/app/own-root.ts'
import { serverPlan, type ServerWritten } from '../../src/app/server-plan.ts'
import type { RunOptions } from '../../src/runner/outcome.ts'
import { ownRootOf } from '../../src/wire.ts'
import { runProgram, type Ran } from './run-program.ts'

let count = 0

/** A port of loopback that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}

export interface Served extends Ran {
  /** Names of the spans that are judged, in the order of their starts. */
  readonly names: readonly string[]
}

export type Written = Partial<ServerWritten>

/** Runs `node ...args PORT` as a server; `PORT` in what is written becomes its port. */
export async function serveProgram(
  args: readonly string[],
  { readyUrl, readyLog, readyTimeoutMs, drives = [] }: Written,
  options: Partial<Omit<RunOptions, 'endpoint'>> = {},
): Promise<Served> {
  const port = String(await freePort())
  const runId = `server-${process.pid}-${(count += 1)}`
  const server = serverPlan({
    readyUrl: readyUrl?.replaceAll('PORT', port),
    readyLog,
    readyTimeoutMs,
    drives: drives.map((drive) => drive.replaceAll('PORT', port)),
  })
  if (server === undefined) throw new Error('no server')
  const root = ownRootOf(runId)
  const ran = await runProgram([...args, port], { runId, root, server, ...options })
  const spans = withoutOwnRoot(await ran.endpoint.spans(), root)
  const names = spans
    .toSorted((a, b) => Number(a.start - b.start))
    .map(({ name, traceId }) => (traceId === root.traceId ? `driven ${name}` : name))
  return { ...ran, names }
}
