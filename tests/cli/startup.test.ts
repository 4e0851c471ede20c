import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { place } from './tracespec.ts'

/** Notes the files that a program loads, by their path in the built package. */
const RECORDER = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n')
    return next(url, context)
  },
})
`

async function foldersLoadedBy(args: readonly string[]): Promise<readonly string[]> {
  using project = place()
  project.write('recorder.mjs', RECORDER)
  const loaded = join(project.folder, 'loaded.txt')
  const recorder = pathToFileURL(join(project.folder, 'recorder.mjs')).href
  await project.run(args, { env: { NODE_OPTIONS: `--import ${recorder}`, LOADED: loaded } })
  const own = readFileSync(loaded, 'utf8').matchAll(/\/dist\/(\w+)[/.]/g)
  return [...new Set([...own].flatMap(([, folder]) => folder ?? []))].toSorted()
}

test('the version is answered by the bin alone', async () => {
  expect(await foldersLoadedBy(['--version'])).toEqual(['cli'])
})

test('help comes without the engine, the store and the adapters', async () => {
  expect(await foldersLoadedBy(['check', '--help'])).toEqual(['cli', 'trace'])
})
