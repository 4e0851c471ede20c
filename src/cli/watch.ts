import { relative, resolve } from 'node:path'
import { Fault } from '../trace/fault.ts'
import type { ExitCode } from '../verify/outcome.ts'
import type { CaptureRequest } from './capture-run.ts'
import { emit, type Format } from './formats.ts'
import { writeFailure } from './failure.ts'
import type { Invocation } from './invocation.ts'
import { judgeAgain, startRun, type StartedRun } from './watch-run.ts'
import { watchEvents, type WatchEvent } from './watch-events.ts'
import { openNoise, type Noise } from './watch-noise.ts'
import { openWatchScreen, type WatchScreen } from './watch-screen.ts'
import type { Judged } from './session-run.ts'

export interface WatchRequest {
  readonly capture: CaptureRequest
  /** Reports to files, written anew after every run. */
  readonly formats: readonly Format[]
}

/** What is known between two events. */
interface Watching {
  readonly request: WatchRequest
  readonly invocation: Invocation
  readonly screen: WatchScreen
  readonly emit: (event: WatchEvent) => void
  readonly noise: Noise
  running: StartedRun | undefined
  /** What is to be done when the run has ended. */
  next: 'show' | 'run' | 'leave'
  specsChanged: readonly string[]
  last: Judged | undefined
  exitCode: ExitCode
}

/**
 * Runs the command again after every change of a file, judges the last capture again after a change of a spec alone, until it is
 * told to leave; answers the exit code of the last verdict, or 130 when there is none.
 */
export async function watchRuns(request: WatchRequest, invocation: Invocation): Promise<ExitCode> {
  const { io } = invocation
  refuseWithoutReader(invocation)
  const { openWire } = await import('../wire.ts')
  await using wire = openWire({ cwd: io.cwd, project: request.capture.project, env: io.env })
  const isSpec = specPaths(wire.specFolder, request.capture.asked.specs, wire.specAt)
  const reports = request.formats.flatMap(({ path }) => path ?? [])
  const own = new Set(reports.map((path) => relative(wire.project.root, resolve(io.cwd, path))))
  await using events = await watchEvents(wire)
  const watching: Watching = {
    request,
    invocation,
    screen: openWatchScreen(io, events.keys),
    emit: events.emit,
    noise: openNoise(),
    running: undefined,
    next: 'show',
    specsChanged: [],
    last: undefined,
    exitCode: 130,
  }
  await run(watching, [])
  for await (const event of events) {
    const isOver = await react(withoutOwn(event, own), watching, isSpec)
    if (isOver) break
  }
  return watching.exitCode
}

/** Our own reports are no change of the program. */
function withoutOwn(event: WatchEvent, own: ReadonlySet<string>): WatchEvent {
  if (event.kind !== 'changed') return event
  return { ...event, paths: event.paths.filter((path) => !own.has(path)) }
}

/** In CI nobody would end it. */
function refuseWithoutReader({ io }: Invocation): void {
  const { CI: ci } = io.env
  if (io.out.isTerminal || ci === undefined || ci === '' || ci === 'false' || ci === '0') return
  throw new Fault('USAGE', '--watch never ends by itself, and this is CI without a terminal', {
    hint: 'leave --watch out',
  })
}

type IsSpec = (path: string) => boolean

function specPaths(
  folder: () => readonly { readonly path: string }[],
  asked: readonly string[],
  at: (text: string) => { readonly path: string } | undefined,
): IsSpec {
  return (path) => {
    const named = asked.flatMap((text) => at(text)?.path ?? [])
    const known = new Set([...folder().map((spec) => spec.path), ...named])
    return known.has(path) || /\.trace\.(?:ya?ml|json)$/.test(path)
  }
}

/** True when it is over. */
async function react(event: WatchEvent, watching: Watching, isSpec: IsSpec): Promise<boolean> {
  switch (event.kind) {
    case 'changed':
      await changed(event, watching, isSpec)
      return false
    case 'again':
      if (watching.running === undefined) await run(watching, [])
      return false
    case 'fault':
      await writeFailure(event.fault, watching.invocation, [])
      return false
    case 'ended':
      return ended(event.judged, watching)
    case 'failed':
      if (!(event.error instanceof Fault)) throw event.error
      return failed(event.error, watching)
    case 'quit':
      if (watching.running === undefined) return true
      if (watching.next === 'leave') watching.running.cut()
      else watching.running.stop()
      watching.next = 'leave'
      return false
  }
}

async function changed(
  { paths, seenMs }: Extract<WatchEvent, { kind: 'changed' }>,
  watching: Watching,
  isSpec: IsSpec,
): Promise<void> {
  const { screen, running, noise } = watching
  const counting = screen.ranAt(seenMs) ? await heard(noise.during(paths), screen) : paths
  if (counting.length === 0) return
  const specs = counting.filter(isSpec)
  const isSpecAlone = specs.length === counting.length
  if (running === undefined) {
    if (isSpecAlone && watching.last !== undefined) await judge(watching, specs)
    else await run(watching, counting)
    return
  }
  if (isSpecAlone) watching.specsChanged = specs
  else if (watching.next === 'show') {
    watching.next = 'run'
    screen.because(counting)
    running.stop()
  }
}

async function heard(
  { counting, muted }: ReturnType<Noise['during']>,
  screen: WatchScreen,
): Promise<readonly string[]> {
  if (muted.length > 0) await screen.muted(muted)
  return counting
}

async function run(watching: Watching, because: readonly string[]): Promise<void> {
  const { request, invocation, screen } = watching
  await screen.runs(request.capture.command, because)
  watching.next = 'show'
  watching.specsChanged = []
  watching.noise.nextRun()
  const started = startRun(request.capture, invocation.io)
  watching.running = started
  void started.judged.then(
    (judged) => watching.emit({ kind: 'ended', judged }),
    (error: unknown) => watching.emit({ kind: 'failed', error }),
  )
}

async function ended(judged: Judged, watching: Watching): Promise<boolean> {
  const { next, specsChanged, screen } = watching
  watching.running = undefined
  screen.ran()
  if (next === 'run') {
    await run(watching, screen.reason())
    return false
  }
  if (next === 'leave') return true
  watching.last = judged
  watching.exitCode = await report(judged, watching)
  if (specsChanged.length > 0) await judge(watching, specsChanged)
  else await screen.waits()
  return false
}

/** The world may be right again after the next change. */
async function failed(fault: Fault, watching: Watching): Promise<boolean> {
  const { next, screen, invocation, request } = watching
  watching.running = undefined
  // an older capture is not of the program as it is now
  watching.last = undefined
  screen.ran()
  if (next === 'run') {
    await run(watching, screen.reason())
    return false
  }
  if (next === 'leave') return true
  watching.exitCode = await writeFailure(fault, invocation, request.formats)
  await screen.waits()
  return false
}

async function judge(watching: Watching, because: readonly string[]): Promise<void> {
  const { last, request, invocation, screen } = watching
  if (last === undefined) return
  await screen.judges(because)
  try {
    const judged = await judgeAgain(last, request.capture, invocation.io)
    watching.last = judged
    watching.exitCode = await report(judged, watching)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    watching.exitCode = await writeFailure(error, invocation, request.formats)
  }
  watching.specsChanged = []
  await screen.waits()
}

async function report(
  judged: Judged,
  { screen, request, invocation }: Watching,
): Promise<ExitCode> {
  const { resultOf } = await import('../report/json.ts')
  await screen.verdict(resultOf(judged.outcome))
  return emit(judged, request.formats, invocation.io)
}
