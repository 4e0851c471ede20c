import type { SignalSource } from './outcome.ts'

/** Signals that ask us to end: passed on to the command once, the second one cuts the run short. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Passes signals on to the command's group until disposed of. */
export interface PassedSignals {
  readonly passedOn: readonly NodeJS.Signals[]
  /** Aborted by the second signal that asks us to end. */
  readonly cut: AbortSignal
  [Symbol.dispose](): void
}

/**
 * The command leads its own session, so a terminal's Ctrl-C reaches us alone: the first of them goes to the command, which may
 * end as it likes. A window's new size is passed on too, since the terminal tells only its own session.
 */
export function passSignals(source: SignalSource, group: number): PassedSignals {
  const cut = new AbortController()
  const passedOn: NodeJS.Signals[] = []
  const listeners = ENDING.map((name) => {
    const listener = (): void => {
      if (passedOn.length > 0) return cut.abort()
      passedOn.push(name)
      signalGroup(group, name)
    }
    return [name, listener] as const
  })
  const resized = (): void => signalGroup(group, 'SIGWINCH')
  const all = [...listeners, ['SIGWINCH', resized] as const]
  for (const [name, listener] of all) source.on(name, listener)
  return {
    passedOn,
    cut: cut.signal,
    [Symbol.dispose]: () => {
      for (const [name, listener] of all) source.off(name, listener)
    },
  }
}

/** Signals every process of a group; one without members is no fault. */
export function signalGroup(group: number, name: NodeJS.Signals): void {
  signalProcess(-group, name)
}

/** Signals a process, or a group when negative, unless it has ended already or belongs to another user. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
