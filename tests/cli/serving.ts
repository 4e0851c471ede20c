import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { program, type Finished, type Place } from './tracespec.ts'

/** A `tracespec serve` that receives. */
export interface Serving {
  /** What OTLP is received on. */
  readonly urls: readonly string[]
  /** Everything on standard output until it has come to this text. */
  until(text: string): Promise<string>
  /** Interrupts it as Ctrl-C does. */
  stop(): Promise<Finished>
}

export const anyPort: readonly string[] = ['--port', '0', '--grpc-port', '0']

export async function serve(project: Place, ...options: readonly string[]): Promise<Serving> {
  const { child, finished } = project.start(['serve', ...anyPort, ...options])
  const [said, listed] = [{ text: '' }, { text: '' }]
  child.stderr?.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
  child.stdout?.on('data', (chunk: Buffer) => (listed.text += chunk.toString()))
  await reached(() => said.text.includes('Ctrl-C ends\n'))
  return {
    urls: said.text.match(/http:\/\/\S+\d/g) ?? [],
    until: async (text) => {
      await reached(() => listed.text.includes(text))
      return listed.text
    },
    stop: () => {
      child.kill('SIGINT')
      return finished
    },
  }
}

async function reached(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Runs a program that knows only where to send, as one that was up before. */
export async function send(name: string, url: string | undefined): Promise<void> {
  const [command = '', ...args] = program(name)
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: url },
    stdio: 'ignore',
  })
  await once(child, 'exit')
}
