import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const runs = 20
const goalMs = 80
const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url))

const bare: number[] = []
const version: number[] = []
// interleaved, so that a busy moment of the machine hits both sides
for (let run = 0; run < runs; run++) {
  bare.push(elapsedMs(['-e', '0']))
  version.push(elapsedMs([bin, '--version']))
}

const more = median(version) - median(bare)
console.log(`node -e 0            ${median(bare).toFixed(1)} ms (median of ${runs})`)
console.log(`tracespec --version  ${median(version).toFixed(1)} ms`)
console.log(
  `${more.toFixed(1)} ms more, ratio ${(median(version) / median(bare)).toFixed(2)}; goal: at most ${goalMs} ms more`,
)
if (more > goalMs) process.exitCode = 1

const first: number[] = []
const project = mkdtempSync(join(tmpdir(), 'tracespec-bench-'))
for (let run = 0; run < runs; run++) first.push(await firstOutputMs(project))
rmSync(project, { recursive: true })
console.log(
  `tracespec run: first output after ${median(first).toFixed(1)} ms, ratio ${(median(first) / median(bare)).toFixed(2)}; goal: within 100 ms`,
)

/** From spawn to the first byte on standard error. */
async function firstOutputMs(cwd: string): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, [bin, 'run', '--', 'true'], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  await once(child.stderr, 'data')
  const elapsed = performance.now() - start
  child.stderr.resume()
  await closed
  return elapsed
}

function elapsedMs(args: readonly string[]): number {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`)
  return performance.now() - start
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle - 0.5)] ?? 0) + (sorted[Math.ceil(middle - 0.5)] ?? 0)) / 2
}
