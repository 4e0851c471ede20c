import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { jsonSpec, otherSpec, wantsMoreSpec, worksSpec } from './specs.ts'
import { fixture, place, program } from './tracespec.ts'

interface Case {
  readonly what: string
  readonly specs?: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly code: number
  /** In the summary or the message. */
  readonly says: string
}

const json = program('json.mjs')

const cases: readonly Case[] = [
  {
    what: 'a spec that holds',
    specs: { 'json.trace.yaml': jsonSpec },
    args: ['run', '--', ...json],
    code: 0,
    says: 'Passed: `json` holds on 1 span in 1 trace.',
  },
  {
    what: 'a spec that does not hold',
    specs: { 'more.trace.yaml': wantsMoreSpec },
    args: ['run', '--', ...json],
    code: 1,
    says: 'Failed: `wants-more` does not hold',
  },
  {
    what: 'a spec that holds beside one that does not',
    specs: { 'json.trace.yaml': jsonSpec, 'more.trace.yaml': wantsMoreSpec },
    args: ['run', '--', ...json],
    code: 1,
    says: 'Failed: 1 of 2 specs does not hold: `wants-more`.',
  },
  {
    what: 'a command that fails although its spans match',
    specs: { 'works.trace.yaml': worksSpec },
    args: ['run', '--', ...program('failing-test.mjs')],
    code: 1,
    says: 'exited with code 3, expected is exit code 0',
  },
  {
    what: 'a command that fails as it should',
    specs: { 'works.trace.yaml': worksSpec },
    args: ['run', '--expect-exit', '3', '--', ...program('failing-test.mjs')],
    code: 0,
    says: 'Passed: `works` holds',
  },
  {
    what: 'a command whose exit code does not matter',
    specs: { 'works.trace.yaml': worksSpec },
    args: ['run', '--expect-exit', 'any', '--', ...program('failing-test.mjs')],
    code: 0,
    says: 'Passed: `works` holds',
  },
  {
    what: 'a command that succeeds where it should fail',
    specs: { 'json.trace.yaml': jsonSpec },
    args: ['run', '--expect-exit', '3', '--', ...json],
    code: 1,
    says: 'exited with code 0, expected is exit code 3',
  },
  {
    what: 'a time limit, whatever was seen',
    specs: { 'works.trace.yaml': worksSpec },
    args: ['run', '--timeout', '1500ms', '--', ...program('hang.mjs')],
    code: 3,
    says: 'Inconclusive:',
  },
  {
    what: 'no span at all',
    specs: { 'json.trace.yaml': jsonSpec },
    args: ['run', '--', ...program('no-sdk.mjs')],
    code: 3,
    says: 'Inconclusive:',
  },
  {
    what: 'no span at all and no spec either',
    args: ['run', '--', ...program('no-sdk.mjs')],
    code: 3,
    says: 'Inconclusive:',
  },
  {
    what: 'a project without specs',
    args: ['run', '--', ...json],
    code: 4,
    says: 'Nothing to check: 1 span in 1 trace captured',
  },
  {
    what: 'a spec that no case applies to',
    specs: { 'other.trace.yaml': otherSpec },
    args: ['run', '--', ...json],
    code: 4,
    says: 'Nothing to check:',
  },
  {
    what: 'a spec that no case applies to beside one that holds',
    specs: { 'json.trace.yaml': jsonSpec, 'other.trace.yaml': otherSpec },
    args: ['run', '--', ...json],
    code: 0,
    says: 'Passed: `json` holds',
  },
  {
    what: 'a spec that no case applies to and that every run must exercise',
    specs: { 'json.trace.yaml': jsonSpec, 'other.trace.yaml': otherSpec },
    args: ['run', '--require-all', '--', ...json],
    code: 1,
    says: 'Failed: 1 of 2 specs does not hold: `other`.',
  },
  {
    what: 'a spec that no case applies to and that writes traces.min',
    specs: { 'json.trace.yaml': jsonSpec, 'other.trace.yaml': `${otherSpec}traces: { min: 1 }\n` },
    args: ['run', '--', ...json],
    code: 1,
    says: 'Failed: 1 of 2 specs does not hold: `other`.',
  },
  {
    what: 'a spec that no case applies to and that is asked for',
    specs: { 'json.trace.yaml': jsonSpec, 'other.trace.yaml': otherSpec },
    args: ['run', '--spec', 'other', '--', ...json],
    code: 1,
    says: 'Failed: `other` does not hold',
  },
  {
    what: 'a spec that cannot be read',
    specs: { 'bad.trace.yaml': 'name: bad\nexpected_spans: 7\n' },
    args: ['run', '--', ...json],
    code: 2,
    says: 'specs/bad.trace.yaml:2:17: error:',
  },
  {
    what: 'a command that does not exist',
    args: ['run', '--', 'no-such-program'],
    code: 2,
    says: 'no-such-program cannot be started',
  },
  {
    what: 'a command that is a folder',
    args: ['run', '--', '/'],
    code: 2,
    says: '/ cannot be started: it is a folder',
  },
  {
    what: 'no command',
    args: ['run', '--'],
    code: 2,
    says: 'there is no command to run',
  },
  {
    what: 'a command without --',
    args: ['run', 'npm', 'test'],
    code: 2,
    says: 'put -- before the command',
  },
  {
    what: 'an unknown command of ours',
    args: ['chekc'],
    code: 2,
    says: 'Did you mean check?',
  },
  {
    what: 'an unknown option',
    args: ['check', 'last', '--sepc', 'x'],
    code: 2,
    says: 'Did you mean --spec?',
  },
  { what: 'nothing', args: [], code: 2, says: 'name a command' },
  {
    what: 'a duration without its unit',
    args: ['run', '--timeout', '30', '--', 'true'],
    code: 2,
    says: 'write a duration as',
  },
  {
    what: 'an unknown format',
    args: ['check', 'last', '--format', 'junit'],
    code: 2,
    says: 'there is no format junit',
  },
  {
    what: 'two documents on one stream',
    args: ['check', 'last', '--format', 'json', '--format', 'text'],
    code: 2,
    says: 'cannot both go to standard output',
  },
  ...['--instrument'].map((option) => ({
    what: `${option}, which is not built yet`,
    args: ['run', option, 'grpc', '--', 'true'],
    code: 2,
    says: `${option} is not built yet`,
  })),
]

describe.concurrent('the exit code', () => {
  test.for(cases)('of $what is $code', async ({ specs, args, code, says }) => {
    using project = place(specs)
    const done = await project.run(args)
    expect({
      code: done.code,
      output: `${done.stdout}${done.stderr}`.replaceAll(/\s+/g, ' '),
    }).toEqual({
      code,
      output: expect.stringContaining(says),
    })
  })
})

test('a spec that the last passing run of the same command exercised must be exercised again', async () => {
  verifies('P-15')
  using project = place({ 'json.trace.yaml': jsonSpec })
  project.write(
    'spans.mjs',
    `import ${JSON.stringify(fixture('fixtures/apps/programs/json.mjs'))}\n`,
  )
  const first = await project.run(['run', '--', 'node', 'spans.mjs'])
  const other = fixture('fixtures/apps/programs/protobuf.mjs')
  project.write('spans.mjs', `import ${JSON.stringify(other)}\n`)
  const second = await project.run(['run', '--', 'node', 'spans.mjs'])
  const checked = await project.run(['check', 'last'])
  const elsewhere = await project.run(['run', '--', 'node', './spans.mjs'])
  expect([first.code, second.code, checked.code, elsewhere.code]).toEqual([0, 1, 1, 4])
})

test('--project names the folder of the specs, the command runs where it is called', async () => {
  using project = place({ 'json.trace.yaml': jsonSpec })
  mkdirSync(join(project.folder, 'a/b'), { recursive: true })
  const below = await project.run(['run', '--', ...json], { cwd: join(project.folder, 'a/b') })
  const away = await project.run(['run', '--project', project.folder, '--', ...json], { cwd: '/' })
  expect([below.code, away.code]).toEqual([0, 0])
})
