import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonSpec } from '../cli/specs.ts'
import { place, program, type Finished, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { temporaryDatabase } from './postgres-store.ts'

/** A checkout of one project that keeps its captures in the store that an environment variable names. */
function checkout(): Place {
  const folder = place({ 'json.trace.yaml': jsonSpec })
  folder.write('tracespec.yaml', 'specs: specs\nstore: ${TEAM_STORE}\n')
  folder.write('.git/HEAD', 'ref: refs/heads/main\n')
  folder.write('.git/objects/.keep', '')
  folder.write('.git/refs/.keep', '')
  folder.write(
    '.git/config',
    '[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = git@example.org:acme/shop.git\n',
  )
  return folder
}

test('two checkouts share runs by id, and each has its own last one', async () => {
  verifies('O-06')
  await using database = await temporaryDatabase()
  using mine = checkout()
  using theirs = checkout()
  const env = { TEAM_STORE: database.url, TRACESPEC_TRUST: '1' }
  const run = async (where: Place): Promise<string> => {
    const { code, stdout, stderr } = await where.run(
      ['run', '--json', '--', ...program('json.mjs')],
      { env },
    )
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Fault')])
    return String(JSON.parse(stdout).run.id)
  }
  const first = await run(mine)
  const second = await run(theirs)
  const judged = async (where: Place, reference: string): Promise<unknown> => {
    const { stdout } = await where.run(['check', reference, '--json'], { env })
    const { status, specs } = JSON.parse(stdout)
    return [status, specs[0].cases.items[0].source]
  }
  expect(await judged(mine, 'last')).toEqual(['pass', `run:${first}`])
  expect(await judged(theirs, 'last')).toEqual(['pass', `run:${second}`])
  expect(await judged(mine, `run:${second}`)).toEqual(['pass', `run:${second}`])
  const { stdout } = await mine.run(['traces', '--json'], { env })
  const { traces } = JSON.parse(stdout) as {
    readonly traces: { readonly items: readonly { readonly run: string }[] }
  }
  expect(traces.items.map((trace) => trace.run)).toEqual([second, first])
  expect(existsSync(join(mine.folder, '.tracespec/tracespec.db'))).toBe(false)
})

test('the store of a cloned repository is told nothing before it is trusted, and its secret is never shown', async () => {
  verifies('O-06')
  await using database = await temporaryDatabase()
  using project = checkout()
  const untrusted = await project.run(['traces'], { env: { TEAM_STORE: database.url } })
  expect([untrusted.code, untrusted.stderr]).toEqual([2, expect.stringContaining('${TEAM_STORE}')])
  const missing = await project.run(['traces'], { env: { TRACESPEC_TRUST: '1' } })
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining('the variable TEAM_STORE is not set'),
  ])
  const secret = 'S3cret-of-the-test'
  const wrong = new URL(database.url)
  wrong.password = secret
  const refused = await project.run(['run', '--json', '--', ...program('json.mjs')], {
    env: { TEAM_STORE: wrong.href, TRACESPEC_TRUST: '1' },
  })
  expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([2, 'STORE_UNAVAILABLE'])
  expect(outputs([untrusted, missing, refused])).not.toContain(secret)
  expect(outputs([untrusted, missing, refused])).not.toContain(database.url)
})

function outputs(finished: readonly Finished[]): string {
  return finished.map(({ stdout, stderr }) => stdout + stderr).join('\n')
}
