import { closeSync, fstatSync, mkdtempSync, openSync, readSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExporterFacts, NodeFacts } from '../trace/diagnosis.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

/** A private folder in which our preload notes how the Node processes of a run began and ended. */
export interface NotesFolder {
  readonly path: string
  /** What has been noted so far, in the order of the processes' beginning. */
  read(): readonly NodeProcess[]
  [Symbol.dispose](): void
}

/** One Node process as it noted itself. */
export interface NodeProcess {
  readonly pid: number
  readonly command: string
  readonly startedAt: Nanos
  /** Undefined while it runs, and for one that was killed. */
  readonly end: NodeEnd | undefined
  /** As it was when SIGTERM reached it, or a while after when it lived on; undefined when none did, or when it could not note it. */
  readonly terminated: NodeEnd | undefined
  /** Worker threads that ended before it. */
  readonly threads: readonly NodeEnd[]
  /** Worker threads whose end was not noted: `terminate()` gives them no time to. */
  readonly openThreads: number
}

export interface NodeEnd {
  readonly at: Nanos
  readonly exitCode: number
  /** An exception that nothing caught ended it. */
  readonly crashed: boolean
  /** Its event loop had run empty before it ended. */
  readonly ranEmpty: boolean
  /** Its processors had been shut down: nothing can be lost any more. */
  readonly shutDown: boolean
  readonly delayMs: number | undefined
  readonly traceIds: readonly TraceId[]
  readonly held: NodeFacts
}

/** What a program writes into its notes is bounded. */
const MAX_FILES = 10_000
const MAX_BYTES = 256 * 1024

/** Makes the folder; disposing of it removes it with all notes. */
export function openNotes(): NotesFolder {
  const path = mkdtempSync(join(tmpdir(), 'tracespec-'))
  return {
    path,
    read: () => readNotes(path),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** The preload beside this file: CommonJS in the build, its source in the tree. */
export function preloadPath(): string {
  const name = import.meta.url.endsWith('.ts') ? './preload.cts' : './preload.cjs'
  return fileURLToPath(new URL(name, import.meta.url))
}

function readNotes(folder: string): NodeProcess[] {
  const lines = readdirSync(folder)
    .slice(0, MAX_FILES)
    .flatMap((name) => readLines(join(folder, name)))
  const processes = [...Map.groupBy(lines, (line) => number(line, 'pid')).values()].flatMap(
    processOf,
  )
  return processes.toSorted((a, b) =>
    a.startedAt === b.startedAt ? a.pid - b.pid : Number(a.startedAt - b.startedAt),
  )
}

function readLines(path: string): Fields[] {
  return readStart(path).split('\n').flatMap(parseLine)
}

/** Notes that are cut lack their end, so that the process counts as one whose end was not seen, and not as none. */
function readStart(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(file).size, MAX_BYTES))
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

type Fields = ReadonlyMap<string, unknown>

/** A process that was killed while it wrote leaves half a line. */
function parseLine(line: string): Fields[] {
  try {
    const value: unknown = JSON.parse(line)
    return [fieldsOf(value)]
  } catch {
    return []
  }
}

/** A process that replaced itself by another program has several beginnings and is one. */
function processOf(lines: readonly Fields[]): NodeProcess[] {
  const of = (event: string): Fields[] => lines.filter((line) => line.get('event') === event)
  const [start] = of('start')
  if (start === undefined) return []
  const threads = of('thread_end').map(endOf)
  return [
    {
      pid: number(start, 'pid'),
      command: text(start, 'command').slice(0, 80),
      startedAt: millis(start, 'at'),
      end: of('end').map(endOf).at(-1),
      terminated: of('term').map(endOf).at(-1),
      threads,
      openThreads: of('thread_start').length - threads.length,
    },
  ]
}

function endOf(line: Fields): NodeEnd {
  return {
    at: millis(line, 'at'),
    exitCode: number(line, 'code'),
    crashed: line.get('crashed') === true,
    ranEmpty: line.get('idle') === true,
    shutDown: line.get('shutDown') === true,
    delayMs: optionalNumber(line, 'delayMs'),
    traceIds: texts(line, 'traceIds').flatMap((id) => parseTraceId(id) ?? []),
    held: {
      provider: optionalText(line, 'provider'),
      spans_waiting: optionalNumber(line, 'waiting') ?? null,
      exporting: line.get('exporting') === true,
      sampler: optionalText(line, 'sampler'),
      exporters: list(line, 'exporters').map(exporterOf),
      tracers: number(line, 'tracers'),
      changed_variables: texts(line, 'changed').toSorted(),
      packages: texts(line, 'packages').toSorted(),
    },
  }
}

function exporterOf(value: unknown): ExporterFacts {
  const fields = fieldsOf(value)
  return { name: text(fields, 'name'), host: optionalText(fields, 'host') }
}

function fieldsOf(value: unknown): Fields {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields.get(name)
  return Array.isArray(value) ? value : []
}

function texts(fields: Fields, name: string): readonly string[] {
  return list(fields, name).filter((item) => typeof item === 'string')
}

function optionalText(fields: Fields, name: string): string | null {
  const value = fields.get(name)
  return typeof value === 'string' ? value.slice(0, 200) : null
}

function text(fields: Fields, name: string): string {
  return optionalText(fields, name) ?? ''
}

function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = fields.get(name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function number(fields: Fields, name: string): number {
  return optionalNumber(fields, name) ?? 0
}

function millis(fields: Fields, name: string): Nanos {
  return nanosOf(BigInt(Math.trunc(number(fields, name))) * 1_000_000n)
}
