import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fixture, type Place } from '../cli/tracespec.ts'
import { environment } from './host.ts'

/** The built server on loopback; ended in the end. */
export interface HttpServer extends AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** What it wrote to standard error. */
  readonly lines: readonly string[]
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>
}

interface HttpServerOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const REGISTRATION =
  /^claude mcp add --transport http tracespec (\S+) --header "Authorization: Bearer (\S+)"$/

/** Starts `tracespec mcp --http` and waits for the line that says how to reach it. */
export async function startHttp(
  project: Place,
  { args = [], env = {} }: HttpServerOptions = {},
): Promise<HttpServer> {
  const child = spawn(process.execPath, [fixture('dist/cli/bin.js'), 'mcp', '--http', ...args], {
    cwd: project.folder,
    env: { ...environment(project), ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const lines: string[] = []
  const registered = new Promise<readonly [url: string, token: string]>((done, fail) => {
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line)
      const [, url, token] = REGISTRATION.exec(line) ?? []
      if (url !== undefined && token !== undefined) done([url, token])
    })
    void exited.then((code) => fail(new Error(`it ended with ${code}: ${lines.join('\n')}`)))
  })
  const [url, token] = await registered
  return {
    url,
    token: token.startsWith('$') ? (env[token.slice(1)] ?? '') : token,
    pid: child.pid ?? 0,
    lines,
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
