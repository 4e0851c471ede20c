import { isatty } from 'node:tty'
import type { Terminal } from '../report/terminal.ts'

/** What the door knows of the process around it. */
export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
}

export interface Output {
  readonly isTerminal: boolean
  readonly terminal: Terminal
  /** Resolves when it is written, or when nobody reads it any more. */
  write(content: string | Uint8Array): Promise<void>
}

/** The streams and variables of a process. */
export function openIo(process: NodeJS.Process): Io {
  const { env } = process
  return {
    cwd: process.cwd(),
    env,
    out: outputOf(process.stdout, env),
    err: outputOf(process.stderr, env),
  }
}

function outputOf(stream: NodeJS.WriteStream & { readonly fd: number }, env: Io['env']): Output {
  // A reader that has gone, as `| head`, is no fault of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const isTerminal = isatty(stream.fd)
  return {
    isTerminal,
    terminal: {
      width: widthOf(isTerminal ? stream.columns : Number(env['COLUMNS'])),
      color: hasColor(isTerminal, env),
      unicode: hasUnicode(env),
    },
    write: (content) =>
      new Promise((done) => {
        stream.write(content, () => done())
      }),
  }
}

/** Off a terminal, without COLUMNS: what most pages and logs can show. */
function widthOf(columns: number): number {
  const width = Number.isInteger(columns) && columns > 0 ? columns : 100
  return Math.min(Math.max(width, 40), 200)
}

/** As Node decides it: FORCE_COLOR, then NO_COLOR (no-color.org), then whether it is a terminal. */
function hasColor(isTerminal: boolean, env: Io['env']): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  return isTerminal && env['TERM'] !== 'dumb'
}

function hasUnicode(env: Io['env']): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  return locale === undefined || /utf-?8/i.test(locale)
}
