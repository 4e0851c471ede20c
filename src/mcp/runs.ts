import { Fault } from '../trace/fault.ts'
import type { Answer } from './answer.ts'
import type { ExecuteInput } from './run-call.ts'
import type { Kept } from './program-output.ts'

/** A command that this server runs or has run. */
export interface TrackedRun {
  readonly id: string
  /** The arguments that it was called with. */
  readonly input: ExecuteInput
  readonly sessionId: string | undefined
  /** Of `performance.now()`. */
  readonly startedMs: number
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  /** Undefined while it runs. */
  readonly outcome: () => RunEnd | undefined
  /** What it has written until now. */
  readonly output: () => { readonly stdout: Kept; readonly stderr: Kept }
  /** Values that must not be told. */
  readonly secrets: readonly string[]
}

/** What is answered of a run, with so many findings. */
export type RunAnswer = (limit?: number) => Answer['structured']

export type RunEnd =
  | { readonly kind: 'answered'; readonly answer: RunAnswer }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface NewRun extends Omit<TrackedRun, 'ended' | 'outcome'> {
  readonly work: Promise<RunAnswer>
  /** Ends the command and its group. */
  readonly end: () => void
}

/** The commands of one server. */
export interface Runs {
  /** A place among those that run, to be given back; a Fault when there is none. */
  readonly take: () => Disposable
  readonly track: (run: NewRun) => TrackedRun
  /** By its id; of those that have ended the last ones are known. */
  readonly find: (id: string) => TrackedRun | undefined
  readonly ofSession: (id: string) => readonly TrackedRun[]
  /** Ends all that run, their groups too. */
  readonly end: () => void
}

const MOST_RUNNING = 8
const MOST_ENDED = 32

/** No command yet. */
export function openRuns(): Runs {
  const running = new Map<string, { readonly run: TrackedRun; readonly end: () => void }>()
  const ended = new Map<string, TrackedRun>()
  let taken = 0
  return {
    take: () => {
      if (taken >= MOST_RUNNING) throw tooMany([...running.keys()])
      taken += 1
      return { [Symbol.dispose]: () => void (taken -= 1) }
    },
    track: ({ work, end, ...facts }) => {
      let outcome: RunEnd | undefined
      const settle = (end: RunEnd): void => {
        outcome = end
        running.delete(facts.id)
        ended.set(facts.id, run)
        for (const id of [...ended.keys()].slice(0, -MOST_ENDED)) ended.delete(id)
      }
      const run: TrackedRun = {
        ...facts,
        outcome: () => outcome,
        ended: work.then(
          (answer) => settle({ kind: 'answered', answer }),
          (error: unknown) => settle({ kind: 'failed', error }),
        ),
      }
      running.set(facts.id, { run, end })
      return run
    },
    find: (id) => running.get(id)?.run ?? ended.get(id),
    ofSession: (id) =>
      [...running.values()].map(({ run }) => run).filter((run) => run.sessionId === id),
    end: () => {
      for (const { end } of running.values()) end()
    },
  }
}

function tooMany(ids: readonly string[]): Fault {
  return new Fault('USAGE', `this server runs ${MOST_RUNNING} commands already`, {
    hint: `take one of them up with compare_trace_to_spec and wait_ms until it has ended: ${ids.map((id) => `run:${id}`).join(', ')}`,
  })
}
