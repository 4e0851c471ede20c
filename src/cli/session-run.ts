import type { Trace } from '../trace/trace.ts'
import type { Outcome } from '../verify/outcome.ts'
import { captureRun, type CaptureRequest } from './capture-run.ts'
import type { Io } from './io.ts'
import { openSpecs } from './specs.ts'

export interface Judged {
  readonly outcome: Outcome
  readonly traces: readonly Trace[]
}

/** As `captureRun`; a run in a folder with an open session is an iteration of it, by the session's specs unless it names some. */
export async function captureRunInSession(
  request: CaptureRequest,
  stdio: readonly [number, number, number],
  io: Io,
): Promise<Judged> {
  const { openWire } = await import('../wire.ts')
  await using wire = openWire({ cwd: io.cwd, project: request.project, env: io.env })
  const store = await wire.existingStore()
  const { sessionToJoin } = await import('../app/session.ts')
  const session = await sessionToJoin(undefined, store)
  if (store === undefined || session === undefined) return await captureRun(request, stdio, io)
  const { asked } = request
  const inSession = {
    ...request,
    asked: { ...asked, specs: asked.specs.length > 0 ? asked.specs : session.specs },
  }
  const specs = await openSpecs(wire, inSession.asked.specs)
  const code = await wire.codeState()
  const judged = await captureRun(inSession, stdio, io)
  if (request.counts?.() === false) return judged
  const { recordIteration } = await import('../app/session-iteration.ts')
  const strip = await recordIteration({ session, ...judged, specs, code, cwd: io.cwd }, store)
  if (strip === undefined) return judged
  return { ...judged, outcome: { ...judged.outcome, session: strip } }
}

/** Notes what the report of a run in a session has cost its reader; a token is four bytes. */
export async function noteTokens(
  { outcome }: Judged,
  project: string | undefined,
  { io, bytes }: { readonly io: Io; readonly bytes: number },
): Promise<void> {
  const { run, session } = outcome
  if (run === null || session === undefined) return
  const { openWire } = await import('../wire.ts')
  await using wire = openWire({ cwd: io.cwd, project, env: io.env })
  const store = await wire.store()
  await store.setTokens(run.id, Math.ceil(bytes / 4))
}

/** Counts what is written to standard output. */
export function counted(io: Io): { readonly io: Io; readonly bytes: () => number } {
  let bytes = 0
  const write = (text: string): Promise<void> => {
    bytes += Buffer.byteLength(text)
    return io.out.write(text)
  }
  return { io: { ...io, out: { ...io.out, write } }, bytes: () => bytes }
}
