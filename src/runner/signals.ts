import type { SignalSource } from './outcome.ts'

/** Signals that ask us to end: passed on to the command once, the second one cuts the run short. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Passes signals on to the command's group until disposed of. */
export interface PassedSignals {
  readonly passedOn: readonly NodeJS.Signals[]
  /** Aborted by the second signal that asks us to end. */
  readonly cut: AbortSignal
  /** Names the group; it gets what has come before. */
  to(group: number): void
  [Symbol.dispose](): void
}

/**
 * The command leads its own session, so what a terminal says reaches us alone: the first Ctrl-C goes to the command, which may end
 * as it likes; a window's new size is passed on; Ctrl-Z stops the command with us until we go on.
 */
export function passSignals(source: SignalSource): PassedSignals {
  const cut = new AbortController()
  const passedOn: NodeJS.Signals[] = []
  const target = groupToCome()
  const listeners = new Map<NodeJS.Signals, () => void>([
    ...ENDING.map((name) => [name, () => ask(name)] as const),
    ['SIGWINCH', () => target.signal('SIGWINCH')],
    ['SIGTSTP', () => stopWith(target)],
    ['SIGCONT', () => target.signal('SIGCONT')],
  ])
  for (const [name, listener] of listeners) source.on(name, listener)
  return {
    passedOn,
    cut: cut.signal,
    to: target.to,
    [Symbol.dispose]: () => {
      for (const [name, listener] of listeners) source.off(name, listener)
    },
  }

  function ask(name: NodeJS.Signals): void {
    if (passedOn.length > 0) return cut.abort()
    passedOn.push(name)
    target.signal(name)
  }
}

interface GroupToCome {
  readonly signal: (name: NodeJS.Signals) => void
  readonly to: (group: number) => void
}

/** Signals may come before the command has been started. */
function groupToCome(): GroupToCome {
  const early: NodeJS.Signals[] = []
  let signal = (name: NodeJS.Signals): void => void early.push(name)
  return {
    signal: (name) => signal(name),
    to: (group) => {
      signal = (name) => signalGroup(group, name)
      early.forEach(signal)
    },
  }
}

/** A group without a terminal ignores SIGTSTP, so it takes SIGSTOP. */
function stopWith(group: GroupToCome): void {
  group.signal('SIGSTOP')
  signalProcess(process.pid, 'SIGSTOP')
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
