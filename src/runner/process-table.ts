import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** One process of this machine at one moment. */
export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Undefined where the system does not tell. */
  readonly session: number | undefined
  /** Tells two processes with the same id apart. */
  readonly started: string
  /** A zombie has ended. */
  readonly ended: boolean
  /** A thread of the kernel: no program of anyone. */
  readonly kernel: boolean
  /** The number of the signal that ended it, while it is a zombie and where the system tells; 0 for none. */
  readonly endSignal: number
  /** Base names of the program and its first argument. */
  readonly command: string
}

/** What a platform tells of processes: enough to find the family of a run. */
export interface ProcessTable {
  /** Rows of all processes but those in `skip`; one that cannot be read is left out. */
  rows(skip: ReadonlySet<number>): Promise<ProcessTableRows>
  /** Whether the environment of a process holds `NAME=VALUE`; undefined when it cannot be read (yet). */
  carries(pid: number, variable: string): boolean | undefined
}

interface ProcessTableRows {
  readonly pids: ReadonlySet<number>
  readonly rows: readonly ProcessRow[]
}

/** The table of this platform. */
export function processTable(platform: NodeJS.Platform): ProcessTable {
  return platform === 'linux' ? linuxTable : psTable
}

const linuxTable: ProcessTable = {
  rows(skip) {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    const rows = pids.flatMap((pid) => (skip.has(pid) ? [] : linuxRow(pid)))
    return Promise.resolve({ pids: new Set(pids), rows })
  },
  carries(pid, variable) {
    const environment = readProc(pid, 'environ')
    if (environment === 'denied') return false
    if (environment === 'gone' || environment.text === '') return undefined
    return environment.text.split('\0').includes(variable)
  },
}

function linuxRow(pid: number): ProcessRow[] {
  const stat = readProc(pid, 'stat')
  if (typeof stat === 'string') return []
  const cmdline = readProc(pid, 'cmdline')
  return [parseStat(pid, stat.text, typeof cmdline === 'string' ? '' : cmdline.text)]
}

const PF_KTHREAD = 0x0020_0000

/** Reads `/proc/PID/stat` (proc_pid_stat(5)); the name in parentheses may hold anything, so fields count from its end. */
export function parseStat(pid: number, stat: string, cmdline: string): ProcessRow {
  const open = stat.indexOf('(')
  const close = stat.lastIndexOf(')')
  const fields = stat.slice(close + 2).split(' ')
  const field = (number: number): string => fields[number - 3] ?? ''
  const state = field(3)
  const ended = state === 'Z' || state === 'X'
  const words = cmdline.split('\0').filter((word) => word !== '')
  return {
    pid,
    parent: Number(field(4)),
    group: Number(field(5)),
    session: Number(field(6)),
    started: field(22),
    ended,
    kernel: (Number(field(9)) & PF_KTHREAD) !== 0,
    endSignal: ended ? Number(field(52)) & 0x7f : 0,
    command: words.length === 0 ? stat.slice(open + 1, close) : commandLabel(words),
  }
}

/** The program and, where it is no option, its first argument, by base name: further arguments may hold secrets. */
export function commandLabel(words: readonly string[]): string {
  const [program = '', script] = words
  const name = basename(program)
  const shown =
    script === undefined || script.startsWith('-') ? name : `${name} ${basename(script)}`
  return shown.slice(0, 80)
}

/** A process may vanish between two reads, and another user's may not be read: both are no fault. */
function readProc(pid: number, file: string): { readonly text: string } | 'gone' | 'denied' {
  try {
    return { text: readFileSync(`/proc/${pid}/${file}`, 'utf8') }
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES'
    return denied ? 'denied' : 'gone'
  }
}

const run = promisify(execFile)

/** For systems without `/proc`; `ps` here is that of POSIX with `lstart`, which macOS and procps share. */
export const psTable: ProcessTable = {
  async rows(skip) {
    const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart=,command='], {
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      maxBuffer: 64 * 2 ** 20,
    })
    const all = parsePs(stdout)
    return {
      pids: new Set(all.map((row) => row.pid)),
      rows: all.filter((row) => !skip.has(row.pid)),
    }
  },
  carries: () => false,
}

/** Reads the lines of `ps -axo pid=,ppid=,pgid=,stat=,lstart=,command=`. */
export function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...rest] = line.trim().split(/\s+/)
    if (pid === undefined || state === undefined) return []
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: undefined,
        started: rest.slice(0, 5).join(' '),
        ended: state.startsWith('Z'),
        kernel: false,
        endSignal: 0,
        command: commandLabel(rest.slice(5)),
      },
    ]
  })
}
