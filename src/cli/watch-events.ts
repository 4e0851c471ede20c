import type { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import type { Judged } from './session-run.ts'

export type WatchEvent =
  | { readonly kind: 'changed'; readonly paths: readonly string[]; readonly seenMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'again' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'ended'; readonly judged: Judged }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Everything that a watch reacts to, one after the other. */
export interface WatchEvents extends AsyncIterable<WatchEvent>, AsyncDisposable {
  readonly emit: (event: WatchEvent) => void
  /** Keys are read. */
  readonly keys: boolean
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Files, keys and signals. */
export async function watchEvents(wire: Wire): Promise<WatchEvents> {
  const queue: WatchEvent[] = []
  let arrived = Promise.withResolvers<void>()
  const emit = (event: WatchEvent): void => {
    queue.push(event)
    arrived.resolve()
  }
  const files = await wire.watch({
    onChanges: (changes) => emit({ kind: 'changed', ...changes }),
    onFault: (fault) => emit({ kind: 'fault', fault }),
  })
  const quit = (): void => emit({ kind: 'quit' })
  for (const name of SIGNALS) process.on(name, quit)
  const keys = readKeys(emit)
  return {
    emit,
    keys: keys !== undefined,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const event = queue.shift()
        if (event !== undefined) yield event
        else {
          await arrived.promise
          arrived = Promise.withResolvers<void>()
        }
      }
    },
    [Symbol.asyncDispose]: () => {
      for (const name of SIGNALS) process.off(name, quit)
      keys?.[Symbol.dispose]()
      files[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

// A terminal in raw mode sends Ctrl-C and Ctrl-D as these.
const QUIT = new Set(['q', 'Q', '\u0003', '\u0004'])
const AGAIN = new Set(['r', 'R', '\r', '\n'])

/** Undefined where standard input is no terminal. */
function readKeys(emit: (event: WatchEvent) => void): Disposable | undefined {
  const { stdin } = process
  if (!stdin.isTTY) return undefined
  const read = (chunk: Buffer): void => {
    for (const key of chunk.toString('latin1')) {
      if (QUIT.has(key)) emit({ kind: 'quit' })
      else if (AGAIN.has(key)) emit({ kind: 'again' })
    }
  }
  stdin.setRawMode(true)
  stdin.on('data', read)
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', read)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}
