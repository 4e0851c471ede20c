import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readConfig } from '../src/project/config.ts'
import { parseSpec } from '../src/spec/parse.ts'
import { folder } from './project/folder.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')

function section(title: string): string {
  return readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? ''
}

/** What stands in backticks in the first column of the tables of a text. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| (`[^|]*(?:\\\|[^|]*)*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}

test('the spec on the first screen has twelve lines and no issue', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  expect(yaml.trimEnd().split('\n')).toHaveLength(12)
  expect(parseSpec(yaml, { file: 'README.md' }).issues).toEqual([])
})

test('the backends of the file that is shown are read', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(section('Backends')) ?? []
  using project = folder(yaml)
  const { backends } = readConfig(project.root, 'tracespec.yaml')
  expect(backends.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['prod jaeger'])
})

test('every dependency is named with its reason, and no other', () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(firstColumn(section('Dependencies')).toSorted()).toEqual(
    Object.keys(dependencies).toSorted(),
  )
})

test('every command of the table exists', () => {
  const bin = `${root}src/cli/bin.ts`
  const { stdout } = spawnSync(process.execPath, [bin, '--help'], { encoding: 'utf8' })
  const commands = firstColumn(section('Use it')).map((command) => command.split(' ')[1] ?? '')
  expect(commands).toEqual([
    'demo',
    'init',
    'run',
    'check',
    'show',
    'analyze',
    'session',
    'traces',
    'import',
    'export',
    'serve',
    'spec',
    'trust',
    'mcp',
  ])
  expect(commands.filter((name) => !new RegExp(`^ +${name}\\b`, 'm').test(stdout))).toEqual([])
})

test('every link into the repository leads somewhere', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'AGENTS.md']
  const links = documents.flatMap((document) =>
    [...readFileSync(root + document, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(
      ([, link = '']) => link,
    ),
  )
  expect(links.length).toBeGreaterThan(3)
  expect(links.filter((link) => !existsSync(root + link))).toEqual([])
})
