import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inert } from '../report/sanitize.ts'
import { withoutSecrets } from './redact.ts'

/** The output of one command: its first and its last bytes are kept, all are counted. */
export interface ProgramOutput extends Disposable {
  /** What the command gets as its standard streams: no input, and two pipes of ours. */
  readonly stdio: readonly [number, number, number]
  /** To be called once nothing more is started with the streams or written to them, so that their end can be seen. */
  given(): void
  /** What was written until now. */
  readonly soFar: () => { readonly stdout: Kept; readonly stderr: Kept }
  /** Everything that was written, when the command has ended. */
  read(): Promise<{ readonly stdout: Kept; readonly stderr: Kept }>
}

export interface Kept {
  readonly head: Buffer
  readonly tail: Buffer
  readonly bytes: number
}

/** Named pipes, since the runner takes file descriptors: our own standard output belongs to the protocol. */
export function openOutput(): ProgramOutput {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-output-'))
  try {
    const out = openPipe(join(folder, 'out'))
    const err = openPipe(join(folder, 'err'))
    const nothing = openSync('/dev/null', 'r')
    const given = once(() => [out.writer, err.writer, nothing].forEach((file) => closeSync(file)))
    return {
      stdio: [nothing, out.writer, err.writer],
      given,
      soFar: () => ({ stdout: out.soFar(), stderr: err.soFar() }),
      read: async () => ({ stdout: await out.read(), stderr: await err.read() }),
      [Symbol.dispose]: () => {
        given()
        out.close()
        err.close()
      },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Pipe {
  readonly writer: number
  readonly soFar: () => Kept
  read(): Promise<Kept>
  close(): void
}

// POSIX; Node has no call for it.
const makePipe = 'mkfifo'

function openPipe(path: string): Pipe {
  execFileSync(makePipe, ['-m', '600', path], { env: { PATH: '/usr/bin:/bin' } })
  // Without O_NONBLOCK the opening would wait for a writer.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  const socket = new Socket({ fd: reader, readable: true, writable: false })
  const kept = collector()
  const ended = new Promise<void>((done) => {
    socket.once('close', () => done())
  })
  socket.on('data', (chunk: Buffer) => kept.add(chunk))
  // A pipe that breaks has ended.
  socket.on('error', () => socket.destroy())
  return {
    writer,
    soFar: () => kept.read(),
    // A process that outlived its own end may hold the pipe open: what it still writes belongs to nobody.
    read: async () => {
      await Promise.race([ended, sleep(500, undefined, { ref: false })])
      return kept.read()
    },
    close: () => socket.destroy(),
  }
}

const HEAD_BYTES = 16 * 1024
const TAIL_BYTES = 64 * 1024

/** Keeps the ends of a stream in bounded memory. */
function collector(): { add(chunk: Buffer): void; read(): Kept } {
  let head = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let bytes = 0
  return {
    add: (chunk) => {
      bytes += chunk.length
      const room = HEAD_BYTES - head.length
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
      const rest = chunk.subarray(Math.max(0, room))
      if (rest.length > 0)
        tail = Buffer.concat([tail, rest.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
    },
    read: () => ({ head, tail, bytes }),
  }
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

/** The output of a command as an answer tells it: untrusted lines of its beginning and its end. */
export interface ToldOutput {
  readonly head: readonly string[]
  readonly tail: readonly string[]
  readonly shown: number
  /** Lines with text between head and tail, as far as they were kept; bytes beyond are in `omitted_bytes`. */
  readonly omitted: number
  readonly omitted_bytes: number
  readonly bytes: number
  readonly how: string | null
}

export interface ToldOptions {
  readonly lines: { readonly head: number; readonly tail: number }
  readonly secrets: readonly string[]
}

export function toldOutput({ head, tail, bytes }: Kept, options: ToldOptions): ToldOutput {
  const lost = bytes - head.length - tail.length
  const joined = lost === 0 ? [Buffer.concat([head, tail])] : [head, tail]
  const [first = [], last = []] = joined.map((part) => linesOf(part, options.secrets))
  const all = (lost === 0 ? first : [...whole(first, 'end'), ...whole(last, 'start')]).filter(
    isTold,
  )
  const isCut = all.length > options.lines.head + options.lines.tail
  const shownHead = isCut ? all.slice(0, options.lines.head) : all
  const shownTail = isCut && options.lines.tail > 0 ? all.slice(-options.lines.tail) : []
  const shown = shownHead.length + shownTail.length
  return {
    head: shownHead,
    tail: shownTail,
    shown,
    omitted: all.length - shown,
    omitted_bytes: lost,
    bytes,
    how: all.length === shown && lost === 0 ? null : 'output_lines: 200 shows more of the next run',
  }
}

/** An empty line says nothing, and would take the place of one that does. */
function isTold(line: string): boolean {
  return line.trim() !== ''
}

/** A line that the gap cut through could hold half a secret. */
function whole(lines: readonly string[], cut: 'start' | 'end'): readonly string[] {
  return cut === 'end' ? lines.slice(0, -1) : lines.slice(1)
}

// ECMA-48 control sequences, and operating system commands up to their end.
// eslint-disable-next-line no-control-regex
const SEQUENCES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]{0,2000}(?:\u0007|\u001B\\)?)/g

function linesOf(part: Buffer, secrets: readonly string[]): readonly string[] {
  const text = withoutSecrets(part.toString('utf8').replace(SEQUENCES, ''), secrets)
  return text.split(/\r?\n/).map((line) => inert(line, 200))
}
