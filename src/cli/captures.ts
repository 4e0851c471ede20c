import { setTimeout as delay } from 'node:timers/promises'
import type { NamedReader, OpenedCapture } from '../app/captures.ts'
import type { OpenedSource, Wire } from '../wire.ts'
import type { Io } from './io.ts'
import type { SourceOptions } from './options.ts'

/** What the TRACE arguments name: here, or in the backend that `--from` names. */
export async function openCaptures(
  wire: Wire,
  texts: readonly string[],
  asked?: { readonly options: SourceOptions; readonly io: Io },
): Promise<OpenedCapture> {
  const { openCapture } = await import('../app/captures.ts')
  const { ownRootOf } = await import('../wire.ts')
  const ports = {
    isPath: wire.isPath,
    traceFile: wire.traceFile,
    store: wire.existingStore,
    ownRootOf,
  }
  if (asked?.options.from === undefined) return openCapture(texts, ports)
  const { from, wait } = asked.options
  using opened = await openNamed(wire, from, asked.io)
  const reader = await readerOf(opened, { wire, waitMs: wait, io: asked.io })
  return await openCapture(texts, { ...ports, from: reader })
}

/** Says on standard error what may be missing in what a backend gave, for outputs that hold no evidence. */
export async function notePartial({ run }: OpenedCapture, io: Io): Promise<void> {
  if (run === undefined || run.complete) return
  const { evidenceSentence } = await import('../report/wording/evidence.ts')
  for (const reason of run.reasons) {
    if ('trace_id' in reason && reason.code !== 'trace_settled') {
      await io.err.write(`tracespec: ${evidenceSentence(reason)}\n`)
    }
  }
}

/** The backend that `--from` names; the address that was taken for a name without configuration is said. */
export async function openNamed(
  wire: Wire,
  from: string,
  io: Io,
): Promise<OpenedSource & Disposable> {
  const opened = await wire.source(from)
  if (opened.assumed !== undefined) {
    await io.err.write(
      `tracespec: ${opened.name} is not in tracespec.yaml, so it is asked at ${opened.assumed}\n`,
    )
  }
  return { ...opened, [Symbol.dispose]: () => opened.source[Symbol.dispose]() }
}

interface Reading {
  readonly wire: Wire
  readonly waitMs: number
  readonly io: Io
}

async function readerOf(
  { source, name }: OpenedSource,
  { wire, waitMs, io }: Reading,
): Promise<NamedReader> {
  const { readTrace } = await import('../app/read-trace.ts')
  const { ownRootOf } = await import('../wire.ts')
  const { visible } = await import('../report/sanitize.ts')
  const onWaiting = (): void =>
    void io.err.write(
      `tracespec: waiting up to ${waitMs / 1000} s for the whole trace from ${visible(name)}\n`,
    )
  const pause = (ms: number): Promise<void> => delay(ms)
  const ports = { source, name, waitMs, now: wire.now, pause, ownRootOf, onWaiting }
  return { name, read: (id) => readTrace(id, ports), page: source.page }
}
