import { quoted } from '../report/quote.ts'
import { inert } from '../report/sanitize.ts'
import { failingOf, renderShortVerdict, renderWatchStrip } from '../report/watch.ts'
import { changedPhrase, mutedNote } from '../report/wording/watch.ts'
import type { Result } from '../verify/outcome.ts'
import type { Io } from './io.ts'

/** What a watch shows, and what it remembers of its runs. */
export interface WatchScreen {
  /** A run begins, on a clear screen. */
  readonly runs: (command: readonly string[], because: readonly string[]) => Promise<void>
  /** A run has ended. */
  readonly ran: () => void
  /** Whether a run was under way then, or had only just ended. */
  readonly ranAt: (ms: number) => boolean
  /** Why the next run will begin. */
  readonly because: (paths: readonly string[]) => void
  readonly reason: () => readonly string[]
  readonly judges: (because: readonly string[]) => Promise<void>
  readonly verdict: (result: Result) => Promise<void>
  readonly waits: () => Promise<void>
  readonly muted: (paths: readonly string[]) => Promise<void>
}

const MAX_DRAWN = 24
// What a command writes last may be seen a little later.
const AFTERMATH_MS = 150
// The whole terminal with what was scrolled away, and back to its top.
const CLEAR = '\u001B[2J\u001B[3J\u001B[H'

export function openWatchScreen(io: Io, keys: boolean): WatchScreen {
  const { out, err } = io
  const failing: number[] = []
  let runs = 0
  let reason: readonly string[] = []
  let ranUntilMs = -Infinity
  const note = (text: string): Promise<void> => err.write(`tracespec: ${text}\n`)
  const judgedAs = (result: Result): void => {
    failing[runs - 1] = failingOf(result)
  }
  return {
    runs: async (command, because) => {
      runs += 1
      ranUntilMs = Infinity
      reason = []
      if (out.isTerminal) await out.write(CLEAR)
      const why = because.length === 0 ? '' : ` (${changedPhrase(because)})`
      await note(`runs ${inert(quoted(command), 200)}${why}`)
    },
    ran: () => {
      ranUntilMs = performance.now() + AFTERMATH_MS
    },
    ranAt: (ms) => runs > 0 && ms <= ranUntilMs,
    because: (paths) => {
      reason = [...new Set([...reason, ...paths])]
    },
    reason: () => reason,
    judges: (because) => note(`judges the last capture again (${changedPhrase(because)})`),
    verdict: async (result) => {
      judgedAs(result)
      await out.write(renderShortVerdict(result, out.terminal))
    },
    waits: () => {
      const judged = failing.filter(Number.isInteger)
      const strip = { failing: judged.slice(-MAX_DRAWN), runs: judged.length, keys }
      return out.write(renderWatchStrip(strip, out.terminal))
    },
    muted: (paths) => note(mutedNote(paths)),
  }
}
