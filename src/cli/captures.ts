import { setTimeout as delay } from 'node:timers/promises'
import type { CapturePorts, NamedReader, OpenedCapture } from '../app/captures.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import type { SpecFile } from '../verify/observation.ts'
import type { OpenedSource, Wire } from '../wire.ts'
import type { Io } from './io.ts'
import type { SourceOptions } from './options.ts'

interface Asked {
  readonly options: SourceOptions
  readonly io: Io
  /** A verdict is asked for: it is worth waiting for what is still to come. */
  readonly isJudged?: boolean
  readonly specs?: readonly SpecFile[]
}

/** What the TRACE arguments name: here, or in the backend that `--from` names. */
export async function openCaptures(
  wire: Wire,
  texts: readonly string[],
  asked?: Asked,
): Promise<OpenedCapture> {
  const { openCapture } = await import('../app/captures.ts')
  const { ownRootOf } = await import('../wire.ts')
  const ports = {
    isPath: wire.isPath,
    traceFile: wire.traceFile,
    store: wire.existingStore,
    ownRootOf,
    patience: patienceOf(wire, asked),
    specs: (asked?.specs ?? []).map(({ spec }) => spec),
  }
  if (asked?.options.from === undefined) return openCapture(texts, ports)
  const { from, wait } = asked.options
  using opened = await openNamed(wire, from, asked.io)
  const reader = await readerOf(opened, { wire, waitMs: wait, io: asked.io })
  return await openCapture(texts, { ...ports, from: reader })
}

function patienceOf(wire: Wire, asked: Asked | undefined): CapturePorts['patience'] {
  const { options, io, isJudged = false } = asked ?? {}
  return {
    now: wire.now,
    waitMs: isJudged ? (options?.wait ?? 0) : 0,
    pause: (ms) => delay(ms),
    onWaiting: (ms) =>
      void io?.err.write(
        `tracespec: waiting ${Math.ceil(ms / 1000)} s for what is still to come of that time; --wait 0 reads at once\n`,
      ),
  }
}

/** Says on standard error what may be missing in what a backend gave, for outputs that hold no evidence. */
export async function notePartial({ run }: OpenedCapture, io: Io): Promise<void> {
  if (run === undefined || run.complete) return
  const { evidenceSentence } = await import('../report/wording/evidence.ts')
  for (const reason of run.reasons) {
    if (isOpen(reason)) {
      await io.err.write(`tracespec: ${evidenceSentence(reason)}\n`)
    }
  }
}

function isOpen({ code }: EvidenceReason): boolean {
  return OPEN.has(code)
}

/** Of what was read without a run. */
const OPEN: ReadonlySet<EvidenceReason['code']> = new Set([
  'trace_growing',
  'trace_read_once',
  'source_cut',
  'trace_recent',
  'window_open',
  'window_cut',
])

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
  let isSaid = false
  const onWaiting = (): void => {
    if (isSaid) return
    isSaid = true
    void io.err.write(
      `tracespec: waiting up to ${waitMs / 1000} s for the whole trace from ${visible(name)}\n`,
    )
  }
  const pause = (ms: number): Promise<void> => delay(ms)
  const ports = { source, name, waitMs, now: wire.now, pause, ownRootOf, onWaiting }
  return {
    name,
    isFile: source.capabilities.kind === 'file',
    read: (id, ownMs = waitMs) => readTrace(id, { ...ports, waitMs: ownMs }),
    search: (query) => source.search(query),
    durations: source.durations,
    page: source.page,
  }
}
