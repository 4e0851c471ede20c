import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fixture } from '../../cli/tracespec.ts'

/** What is run against us, at the versions that the tests were written for. */
export const programs = {
  conformance: {
    name: '@modelcontextprotocol/conformance',
    version: '0.2.0-alpha.12',
    entry: 'dist/index.js',
  },
  inspector: {
    name: '@modelcontextprotocol/inspector',
    version: '2.12.0',
    entry: 'clients/launcher/build/index.js',
  },
  // the wrapper needs no script at its installation
  claude: { name: '@anthropic-ai/claude-code', version: '2.1.329', entry: 'cli-wrapper.cjs' },
} as const

export type Program = keyof typeof programs

export const cache: string = fixture('node_modules/.cache/tracespec-programs')

export interface Ran {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Runs one of them to its end. */
export function runProgram(
  program: Program,
  args: readonly string[],
  { cwd, env }: RunOptions,
): Promise<Ran> {
  const { name, entry } = programs[program]
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(cache, 'node_modules', name, entry), ...args],
      { cwd, env, timeout: 50_000, maxBuffer: 2 ** 26 },
      (_, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })
}
