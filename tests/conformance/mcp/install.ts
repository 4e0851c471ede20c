import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache, programs } from './programs.ts'

/** Installs what is not there yet; they are far too large to be dependencies. */
export function setup(): void {
  const wanted = Object.values(programs).filter(({ name, version }) => versionOf(name) !== version)
  if (wanted.length === 0) return
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, 'package.json'), '{ "private": true }\n')
  const packages = Object.values(programs).map(({ name, version }) => `${name}@${version}`)
  const flags = ['--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache]
  execFileSync('npm', ['install', ...flags, ...packages], { stdio: 'inherit' })
}

function versionOf(name: string): string | undefined {
  const file = join(cache, 'node_modules', name, 'package.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
