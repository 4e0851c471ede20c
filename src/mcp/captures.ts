import { setTimeout as delay } from 'node:timers/promises'
import { openCapture, type NamedReader, type OpenedCapture } from '../app/captures.ts'
import { type ChosenSpec, chooseSpecs } from '../app/spec-files.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import { ownRootOf, type Wire } from '../wire.ts'
import { isPathInside } from './open-project.ts'

export interface Knowing {
  /** The run of a trace, when it is known beforehand. */
  readonly runOf?: (id: TraceId) => string | undefined
  /** Where traces are read instead. */
  readonly from?: NamedReader | undefined
  /** Of a call that waits for what is still to come of a time. */
  readonly signal?: AbortSignal
  /** What the capture is judged by. */
  readonly specs?: readonly ChosenSpec[]
}

/** The most time for what is still to come. */
const WAIT_MS = 10_000

/** What a reference names; files only inside the project, and never standard input, which is the protocol's. */
export async function openCaptureIn(
  wire: Wire,
  reference: string,
  { runOf, from, signal, specs = [] }: Knowing = {},
): Promise<OpenedCapture> {
  const { root } = wire.project
  if (reference === '-') throw new Fault('USAGE', 'standard input is the protocol itself')
  return openCapture([traceReferenceOf(reference)], {
    isPath: (path) => isPathInside(root, path),
    traceFile: wire.traceFile,
    store: wire.existingStore,
    ownRootOf,
    ...(runOf === undefined ? {} : { runOf }),
    from,
    specs: specs.map(({ spec }) => spec),
    patience: {
      now: wire.now,
      waitMs: signal === undefined ? 0 : WAIT_MS,
      pause: (ms) => delay(ms, undefined, { signal }),
    },
  })
}

/** Agents copy ids without the word before them. */
function traceReferenceOf(text: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return `trace:${text}`
  return /^r-[0-9a-z]{13}$/.test(text) ? `run:${text}` : text
}

/** The specs that are named, else all of the project. */
export async function openSpecsIn(
  wire: Wire,
  names: readonly string[],
): Promise<readonly ChosenSpec[]> {
  return chooseSpecs(
    wire.specFolder,
    names.map((text) => ({ text, file: wire.specAt(text) })),
  )
}

/** Whether a reference names what the store holds, so that its traces can be asked for by their ids. */
export function isKept(wire: Wire, reference: string): boolean {
  return !isPathInside(wire.project.root, traceReferenceOf(reference))
}
