import type { Command } from 'commander'
import type { SessionRecord } from '../trace/ports.ts'
import type { SessionDocument } from '../report/session-document.ts'
import type { Wire } from '../wire.ts'
import { openCaptures } from './captures.ts'
import { formatsOf } from './formats.ts'
import type { Invocation } from './invocation.ts'
import { writeJson } from './json.ts'
import {
  collect,
  commonOptionsAsked,
  positiveInteger,
  withCommonOptions,
  type CommonOptions,
} from './options.ts'
import { openSpecs } from './specs.ts'

interface SessionOptions extends CommonOptions {
  readonly format: readonly string[]
  readonly goal?: string
  readonly spec?: readonly string[]
  readonly limit?: number
}

/** `tracespec session start|status|list|end`. */
export function defineSession(program: Command, invocation: Invocation): void {
  const session = program
    .command('session')
    .description('work on a goal run by run: what is fixed, what is new, what to do next')
  withSessionOptions(session.command('start').description('begin a session; runs here join it'))
    .option('--goal <text>', 'what it is for')
    .option(
      '--spec <name|path>',
      'judge its runs by this spec; repeatable (default: every spec of the folder)',
      collect,
      [],
    )
    .action((options: SessionOptions) => start(options, invocation))
  withSessionOptions(
    session
      .command('status')
      .description('how a session stands, and what to do next')
      .argument('[id]', 'a session (default: the open one, else the last)'),
  )
    .option('--limit <count>', 'iterations shown', positiveInteger, 20)
    .action((id: string | undefined, options: SessionOptions) => status(id, options, invocation))
  withSessionOptions(session.command('list').description('the sessions, newest first'))
    .option('--limit <count>', 'at most so many', positiveInteger, 20)
    .action((options: SessionOptions) => list(options, invocation))
  withSessionOptions(session.command('end').description('end the open session')).action(
    (options: SessionOptions) => end(options, invocation),
  )
}

function withSessionOptions(command: Command): Command {
  return withCommonOptions(command).option('--format <name>', 'text, agent or json', collect, [])
}

async function start(options: SessionOptions, invocation: Invocation): Promise<void> {
  await using wire = await openedWire(options, invocation)
  const { startSession } = await import('../app/session.ts')
  const texts = options.spec ?? []
  await openSpecs(wire, texts)
  const session = await startSession(
    {
      id: wire.newSessionId(),
      goal: options.goal?.slice(0, MAX_GOAL),
      specs: texts.map((text) => wire.specAt(text)?.path ?? text),
      project: wire.project.root,
      startedAt: wire.now(),
      endsOpen: false,
    },
    await wire.store(),
  )
  await show(session, wire, { options, invocation })
}

const MAX_GOAL = 2000

async function status(
  id: string | undefined,
  options: SessionOptions,
  invocation: Invocation,
): Promise<void> {
  await using wire = await openedWire(options, invocation)
  const { chooseSession } = await import('../app/session.ts')
  await show(await chooseSession(id, await wire.existingStore()), wire, { options, invocation })
}

async function end(options: SessionOptions, invocation: Invocation): Promise<void> {
  await using wire = await openedWire(options, invocation)
  const { endSession } = await import('../app/session.ts')
  const ended = await endSession(await wire.existingStore(), wire.now())
  await show(ended, wire, { options, invocation })
}

async function list(options: SessionOptions, invocation: Invocation): Promise<void> {
  await using wire = await openedWire(options, invocation)
  const { io } = invocation
  const { sessionListOf } = await import('../app/session-list.ts')
  const document = await sessionListOf(await wire.existingStore(), options.limit ?? DEFAULT_LIMIT)
  if ((await formatOf(options, invocation)) === 'json') return await writeJson(document, io)
  const { renderSessionList } = await import('../report/session.ts')
  await io.out.write(renderSessionList(document, io.out.terminal))
}

const DEFAULT_LIMIT = 20

async function openedWire(options: SessionOptions, invocation: Invocation): Promise<Wire> {
  const { io } = invocation
  invocation.asked = {
    ...invocation.asked,
    specs: options.spec ?? [],
    common_options: commonOptionsAsked(options),
  }
  const { openWire } = await import('../wire.ts')
  return openWire({ cwd: io.cwd, project: options.project, env: io.env })
}

async function formatOf(
  options: SessionOptions,
  { io }: Invocation,
): Promise<'text' | 'agent' | 'json'> {
  const formats = await formatsOf(options, io.env)
  return formats.find(({ path }) => path === undefined)?.name ?? 'text'
}

interface Asking {
  readonly options: SessionOptions
  readonly invocation: Invocation
}

async function show(
  session: SessionRecord,
  wire: Wire,
  { options, invocation }: Asking,
): Promise<void> {
  const { io } = invocation
  const document = await documentOf(session, wire, { options, invocation })
  const format = await formatOf(options, invocation)
  if (format === 'json') {
    const { renderSessionJson } = await import('../report/session-document.ts')
    await io.out.write(renderSessionJson(document))
    return
  }
  const { renderSession, renderSessionAgent } = await import('../report/session.ts')
  await io.out.write(
    format === 'agent' ? renderSessionAgent(document) : renderSession(document, io.out.terminal),
  )
}

const MAX_CHECKS = 20
const MAX_STEPS = 5

async function documentOf(
  session: SessionRecord,
  wire: Wire,
  { options, invocation }: Asking,
): Promise<SessionDocument> {
  const { iterationsOf } = await import('../app/session-iteration.ts')
  const { progressOf } = await import('../app/session-progress.ts')
  const { weakenedIn } = await import('../app/session-weakenings.ts')
  const { nextStepsIn } = await import('../app/session-view.ts')
  const { sessionDocument } = await import('../report/session-document.ts')
  const store = await wire.store()
  const iterations = await iterationsOf(session, store)
  const steps = await nextStepsIn(session, iterations, {
    store,
    resolve: wire.fileInProject,
    capture: (runId) => openCaptures(wire, [`run:${runId}`]),
    specs: (paths) => openSpecsLeft(wire, paths),
  })
  const weakened = await weakenedIn(session, iterations, store)
  const limits = { iterations: options.limit ?? DEFAULT_LIMIT, checks: MAX_CHECKS, weakened }
  return sessionDocument({
    version: invocation.version,
    progress: progressOf(session, iterations, limits),
    steps,
    maxSteps: MAX_STEPS,
    commonOptions: commonOptionsAsked(options),
    last: iterations.at(-1),
  })
}

/** The spec files that are still there, as they are now. */
async function openSpecsLeft(wire: Wire, paths: readonly string[]): ReturnType<typeof openSpecs> {
  const inFolder = new Set(wire.specFolder().map(({ path }) => path))
  const left = paths.filter((path) => inFolder.has(path) || wire.specAt(path) !== undefined)
  return left.length === 0 ? [] : openSpecs(wire, left)
}
