import { createWriteStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { ReadySign } from '../trace/drive.ts'
import type { RunOptions } from './outcome.ts'
import type { StartedCommand } from './start.ts'

/** The output of a command that is read along while it is passed through. */
export interface OutputWatch extends AsyncDisposable {
  /** Resolves when a line has matched. */
  readonly matched: Promise<void>
  /** The last line that is not blank; empty before the first. */
  lastLine(): string
}

interface Passed {
  readonly source: Readable
  /** The descriptor that the command would have had. */
  readonly to: number
}

const MAX_LINE = 8192
/** What ended processes left in a pipe is read at once; one that cannot be ended may hold it open. */
const DRAIN_MS = 500

/** The standard descriptors for the command: pipes where a line of its output is waited for, else those that it was given. */
export function outputStdio({ stdio, server }: RunOptions): readonly (number | 'pipe')[] {
  return logSigns(server).length === 0 ? stdio : [stdio[0], 'pipe', 'pipe']
}

/**
 * Passes piped output through byte for byte, and reads it line by line until one is as the plan asks. Undefined when nothing is
 * piped. Disposing of it waits until all has been passed on.
 */
export function watchOutput(
  { stdout, stderr }: StartedCommand,
  { stdio, server }: RunOptions,
): OutputWatch | undefined {
  if (stdout === null || stderr === null) return undefined
  const signs = logSigns(server)
  const match = Promise.withResolvers<void>()
  let last = ''
  let isMatched = false
  const onLine = (line: string): void => {
    if (line.trim() !== '') last = line
    if (isMatched || !signs.every((sign) => sign.matches(line))) return
    isMatched = true
    match.resolve()
  }
  const sources = [stdout, stderr]
  const passed = [
    pass({ source: stdout, to: stdio[1] }, lineReader(onLine)),
    pass({ source: stderr, to: stdio[2] }, lineReader(onLine)),
  ]
  return {
    matched: match.promise,
    lastLine: () => last,
    [Symbol.asyncDispose]: async () => {
      await Promise.race([Promise.all(passed), sleep(DRAIN_MS)])
      for (const source of sources) source.destroy()
      await Promise.all(passed)
    },
  }
}

function logSigns(server: RunOptions['server']): Extract<ReadySign, { kind: 'log' }>[] {
  return (server?.ready ?? []).filter((sign) => sign.kind === 'log')
}

interface LineReader {
  push(chunk: Buffer): void
  end(): void
}

/** Hands on each line without its end and colours; of one that is too long its beginning. */
function lineReader(onLine: (line: string) => void): LineReader {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const tell = (line: string): void =>
    onLine(stripVTControlCharacters(line.slice(0, MAX_LINE)).trimEnd())
  return {
    push(chunk) {
      const lines = `${rest}${decoder.write(chunk)}`.split('\n')
      rest = (lines.pop() ?? '').slice(0, MAX_LINE)
      lines.forEach(tell)
    },
    end() {
      if (rest !== '') tell(rest)
      rest = ''
    },
  }
}

/** Resolves when the source has closed and what came of it is written. */
async function pass({ source, to }: Passed, reader: LineReader): Promise<void> {
  const sink = sinkOf(to)
  source.on('data', (chunk: Buffer) => {
    source.pause()
    reader.push(chunk)
    // What cannot be written, as nobody reads it any more, is no reason to hold the command up.
    sink.write(chunk, () => source.resume())
  })
  await new Promise<void>((resolve) => {
    source.once('close', resolve)
  })
  reader.end()
  if (sink === process.stdout || sink === process.stderr) return
  sink.end()
  // A sink that broke is at its end, too.
  await finished(sink).catch(() => undefined)
}

function sinkOf(fd: number): Writable {
  if (fd === process.stdout.fd) return process.stdout
  if (fd === process.stderr.fd) return process.stderr
  return createWriteStream('', { fd, autoClose: false }).on('error', () => undefined)
}
