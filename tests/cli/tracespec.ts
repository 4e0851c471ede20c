import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = join(root, 'dist/cli/bin.js')

/** A file of the repository by its path from the top. */
export function fixture(path: string): string {
  return join(root, path)
}

/** A program of `fixtures/apps/programs` as a command. */
export function program(name: string): readonly string[] {
  return ['node', fixture(`fixtures/apps/programs/${name}`)]
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
}

/** A project folder of its own, gone in the end. */
export interface Place extends Disposable {
  readonly folder: string
  write(path: string, content: string | Uint8Array): void
  /** Starts the built program with these arguments. */
  start(args: readonly string[], options?: StartOptions): Started
  run(args: readonly string[], options?: StartOptions): Promise<Finished>
  /** Runs one printed line in a shell that finds `tracespec`. */
  paste(line: string): Promise<Finished>
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly cwd?: string
}

/** A new project; with `specs`, each under its name in the spec folder. */
export function place(specs: Readonly<Record<string, string>> = {}): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tracespec-cli-')))
  const folder = join(base, 'project')
  const env = environment(base)
  mkdirSync(folder)
  const write: Place['write'] = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  write('tracespec.yaml', 'specs: specs\n')
  for (const [name, content] of Object.entries(specs)) write(`specs/${name}`, content)
  const start: Place['start'] = (args, options = {}) =>
    launch([process.execPath, bin, ...args], {
      cwd: options.cwd ?? folder,
      env: { ...env, ...options.env },
      stdin: options.stdin ?? '',
    })
  return {
    folder,
    write,
    start,
    run: (args, options) => start(args, options).finished,
    paste: (line) => launch(['/bin/sh', '-c', line], { cwd: folder, env, stdin: '' }).finished,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  }
}

/** Little of our own environment: an agent's or a CI's variables would change the answers. */
function environment(base: string): Readonly<Record<string, string>> {
  const shims = join(base, 'bin')
  const tmp = join(base, 'tmp')
  mkdirSync(shims)
  mkdirSync(tmp)
  const shim = join(shims, 'tracespec')
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  chmodSync(shim, 0o755)
  return {
    PATH: [shims, dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
    HOME: base,
    TMPDIR: tmp,
    LANG: 'C.UTF-8',
  }
}

function launch(
  [command = '', ...args]: readonly string[],
  { cwd, env, stdin }: Required<StartOptions>,
): Started {
  const child = spawn(command, args, { cwd, env, stdio: 'pipe' })
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  return { child, finished: finishedOf(child) }
}

async function finishedOf(child: ChildProcess): Promise<Finished> {
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null ? once(child, 'exit') : undefined,
  ])
  return { code: child.exitCode, stdout, stderr }
}

/** The commands that a text prints to be pasted: lines of their own that begin with the program's name. */
export function printedCommands(output: string): readonly string[] {
  return output.split('\n').flatMap((line) => /^\s+(tracespec .*)$/.exec(line)?.[1] ?? [])
}

/** The shop of the demo as a project of its own. */
export function copyShop(target: Place): void {
  cpSync(fixture('fixtures/apps/shop'), target.folder, { recursive: true })
  symlinkSync(fixture('node_modules'), join(target.folder, 'node_modules'))
}
