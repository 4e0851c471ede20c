import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Each benchmark is a program of its own that prints ratios; one after the other, so that none disturbs another.
const folder = fileURLToPath(new URL('../tests/bench/', import.meta.url))
const wanted = process.argv.slice(2)
const programs = globSync('*.bench.ts', { cwd: folder })
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace('.bench.ts', '')))
  .toSorted()

for (const program of programs) {
  console.log(`\n${program}`)
  const { status } = spawnSync(process.execPath, [folder + program], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
if (programs.length === 0) {
  console.error(`no benchmark named ${wanted.join(', ')} in tests/bench`)
  process.exitCode = 1
}
