import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../mcp/host.ts'
import { verifies } from '../verifies.ts'
import { fixture, place, program, type Finished, type Place } from './tracespec.ts'

const first = `name: works
expected_spans:
  - operation_name: work
    expected_duration_ms: { max: 50000 }
    children:
      - { operation_name: perhaps, optional: true }
`

const second = `# why
name: works
expected_spans:
  - operation_name: work
    expected_duration_ms: { max: 90000 }
forbidden_spans: [{ operation_name: bad }]
`

const path = 'specs/works.trace.yaml'

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function works(text: string): Place {
  return place({ 'works.trace.yaml': text })
}

const run = ['run', '--', ...program('failing-test.mjs')]

interface Version {
  readonly sha256: string
  readonly origin: string | null
  readonly current: boolean
  readonly change: unknown
}

async function versions(project: Place, name = 'works'): Promise<readonly Version[]> {
  const { stdout } = await project.run(['spec', 'history', name, '--json'])
  return (JSON.parse(stdout) as { versions: { items: readonly Version[] } }).versions.items
}

/** Times are what no two runs share. */
function timeless({ stdout }: Finished): string {
  return stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
}

const compared = {
  kind: 'compared',
  added: [],
  removed: ['perhaps'],
  weakened: 1,
  tightened: 1,
  changed: 0,
}

test('the texts that runs and checks judge by are kept, each with what it changed', async () => {
  verifies('P-03')
  using project = works(first)
  await project.run(run)
  await project.run(run)
  project.write(path, second)
  await project.run(['check', 'last'])
  project.write(path, first.replace('name: works', 'name: works # now'))
  const facts = (await versions(project)).map(({ sha256, origin, current, change }) => [
    sha256,
    origin,
    current,
    change,
  ])
  const back = { ...compared, added: ['perhaps'], removed: [] }
  expect(facts).toEqual([
    [digest(first.replace('name: works', 'name: works # now')), null, true, back],
    [digest(second), 'check', false, compared],
    [digest(first), 'run', false, { kind: 'first' }],
  ])
  const shown = await project.run(['spec', 'history', path, '--limit', '2'])
  expect([shown.code, timeless(shown).replaceAll(/ {3,}/g, '  ')]).toEqual([
    0,
    `now  ${digest(first.replace('name: works', 'name: works # now')).slice(0, 12)}  not kept  the file now
  added \`perhaps\`, 1 weakened, 1 tightened
TIME  ${digest(second).slice(0, 12)}  check
  removed \`perhaps\`, 1 weakened, 1 tightened
2 of 3 versions of \`works\`; --limit 3 shows all.
`,
  ])
})

test('a difference is of the file and the last version, then of the last two', async () => {
  verifies('P-03')
  using project = works(first)
  await project.run(run)
  const alone = await project.run(['spec', 'diff', 'works'])
  project.write(path, second)
  const unkept = await project.run(['spec', 'diff', 'works'])
  await project.run(run)
  const kept = await project.run(['spec', 'diff', 'works'])
  expect([alone.code, alone.stderr.split('\n')[0]]).toEqual([
    2,
    'tracespec: only one text of works is known, there is nothing to compare',
  ])
  const [before, after] = [digest(first).slice(0, 12), digest(second).slice(0, 12)]
  const text = (origin: string): string => `${path}
- TIME  ${before}  run
+ ${origin}  the file now

+ # why
-     expected_duration_ms: { max: 50000 }
-     children:
-       - { operation_name: perhaps, optional: true }
+     expected_duration_ms: { max: 90000 }
+ forbidden_spans: [{ operation_name: bad }]

asks for less:
  \`expected_duration_ms.max\` of \`work\` allows more: 50000 before, 90000 now.
  \`perhaps\` is no longer expected.

asks for more:
  \`forbidden_spans\` of \`bad\` is asked for now.

6 lines differ: removed \`perhaps\`, 1 weakened, 1 tightened.
`
  expect(timeless(unkept)).toBe(text(`now                       ${after}  not kept`))
  expect(timeless(kept)).toBe(text(`TIME  ${after}  run     `))
})

test('versions are named by digests that are cut, one against the file, and stay when it is gone', async () => {
  using project = works(first)
  await project.run(run)
  project.write(path, second)
  await project.run(run)
  const [old, now] = [digest(first), digest(second)]
  const pair = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await project.run(['spec', 'diff', 'works', '--json', ...args])
    const { schema, before, after } = JSON.parse(stdout)
    return [schema, before?.sha256, after?.sha256]
  }
  const schema = 'tracespec.spec-diff/1'
  expect(await pair(old.slice(0, 8))).toEqual([schema, old, now])
  expect(await pair(now, old.slice(0, 4).toUpperCase())).toEqual([schema, now, old])
  rmSync(join(project.folder, path))
  expect(await pair()).toEqual([schema, old, now])
  expect(await pair(old)).toEqual([schema, old, now])
  expect((await versions(project, path)).map(({ current }) => current)).toEqual([false, false])
  const wrong = await project.run(['spec', 'diff', 'works', 'zzzz'])
  const many = await project.run(['spec', 'diff', 'works', old, now, old])
  const unknown = await project.run(['spec', 'history', 'wroks'])
  expect([wrong.code, wrong.stderr.split('\n')[0], many.code, unknown.code]).toEqual([
    2,
    'tracespec: no text of works has a sha256 that begins with zzzz',
    2,
    2,
  ])
})

test('what an agent defines and updates is kept, with what stood there before', async () => {
  verifies('P-03', 'P-02')
  using project = works(first)
  await using host = await connect(project, '2026-07-28')
  const set = [{ path: 'expected_spans[0].expected_duration_ms.max', value: 70000 }]
  await host.call('update_trace_spec', { name: 'works', sha256: digest(first), set })
  const updated = readFileSync(join(project.folder, path), 'utf8')
  await host.call('define_trace_spec', {
    name: 'works',
    specification: second,
    sha256: digest(updated),
  })
  expect((await versions(project)).map(({ sha256, origin }) => [sha256, origin])).toEqual([
    [digest(second), 'define'],
    [digest(updated), 'update'],
    [digest(first), 'found'],
  ])
})

test('reading alone makes no store', async () => {
  using project = works(first)
  const checked = await project.run([
    'check',
    fixture('fixtures/traces/agent-helm.otlp.json'),
    '--spec',
    'works',
  ])
  const [only] = await versions(project)
  expect([checked.code, only?.origin, existsSync(join(project.folder, '.tracespec'))]).toEqual([
    1,
    null,
    false,
  ])
})

test('a check keeps its verdict when its store cannot be used', async () => {
  using project = works(first)
  project.write('.tracespec/tracespec.db', 'no database at all, '.repeat(1000))
  const trace = fixture('fixtures/traces/agent-helm.otlp.json')
  const { code, stderr } = await project.run(['check', trace, '--spec', 'works'])
  expect([code, stderr]).toEqual([
    1,
    'tracespec: the spec history is not kept: the store cannot be used: its file is no database\n',
  ])
})
