import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const runs = 20
const goalMs = 300
const root = fileURLToPath(new URL('../../', import.meta.url))
const shop = join(root, 'fixtures/apps/shop')
const result = z.object({ run: z.object({ waited_ms: z.number(), duration_ms: z.number() }) })

const project = mkdtempSync(join(tmpdir(), 'tracespec-bench-'))
cpSync(join(shop, 'specs'), join(project, 'specs'), { recursive: true })
cpSync(join(shop, 'tracespec.yaml'), join(project, 'tracespec.yaml'))
const all = Array.from({ length: runs }, () => runShop())
rmSync(project, { recursive: true })

const waited = median(all.map((run) => run.waited_ms))
const lasted = median(all.map((run) => run.duration_ms))
console.log(`the shop runs for ${lasted.toFixed(0)} ms (median of ${runs})`)
console.log(
  `verdict ${waited.toFixed(1)} ms after its end, ratio ${(waited / lasted).toFixed(3)}; goal: at most ${goalMs} ms`,
)
if (waited > goalMs) process.exitCode = 1

function runShop(): { readonly waited_ms: number; readonly duration_ms: number } {
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'dist/cli/bin.js'),
      'run',
      '--json',
      '--',
      process.execPath,
      join(shop, 'drive.mjs'),
    ],
    { cwd: project, encoding: 'utf8' },
  )
  return result.parse(JSON.parse(stdout)).run
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
