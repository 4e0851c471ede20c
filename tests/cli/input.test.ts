import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { jsonSpec } from './specs.ts'
import { fixture, place, program, type Place } from './tracespec.ts'

interface Bad {
  readonly what: string
  readonly prepare: (project: Place) => void | Promise<unknown>
  readonly args: readonly string[]
  readonly says: string
}

const trace = fixture('fixtures/traces/online-boutique.otlp.json')
const json = program('json.mjs')

const laughs = Array.from({ length: 9 }, (_, level) => {
  const inner = level === 0 ? '[x,x,x,x,x,x,x,x,x,x]' : `[${`*a${level - 1},`.repeat(10)}]`
  return `a${level}: &a${level} ${inner}\n`
}).join('')

const bad: readonly Bad[] = [
  {
    what: 'a spec that a link leads to outside the spec folder',
    prepare: (project) => {
      project.write('../elsewhere.yaml', jsonSpec)
      mkdirSync(join(project.folder, 'specs'))
      symlinkSync('../../elsewhere.yaml', join(project.folder, 'specs/link.trace.yaml'))
    },
    args: ['check', trace],
    says: 'specs/link.trace.yaml leads out of the spec folder',
  },
  {
    what: 'the same, named',
    prepare: (project) => {
      project.write('other/elsewhere.yaml', jsonSpec)
      mkdirSync(join(project.folder, 'specs'))
      symlinkSync('../other/elsewhere.yaml', join(project.folder, 'specs/link.trace.yaml'))
    },
    args: ['check', trace, '--spec', 'specs/link.trace.yaml'],
    says: 'specs/link.trace.yaml leads out of the spec folder',
  },
  {
    what: 'a folder that a link leads to outside the spec folder',
    prepare: (project) => {
      project.write('../away/a.trace.yaml', jsonSpec)
      mkdirSync(join(project.folder, 'specs'))
      symlinkSync('../../away', join(project.folder, 'specs/away'))
    },
    args: ['check', trace],
    says: 'leads out of the spec folder',
  },
  {
    what: 'a spec outside the project',
    prepare: (project) => project.write('../elsewhere.yaml', jsonSpec),
    args: ['check', trace, '--spec', '../elsewhere.yaml'],
    says: '../elsewhere.yaml is outside the project',
  },
  {
    what: 'a spec that is a folder',
    prepare: (project) => project.write('specs/inner/a.trace.yaml', jsonSpec),
    args: ['check', trace, '--spec', 'specs/inner'],
    says: 'there is no spec specs/inner',
  },
  {
    what: 'a misspelt spec',
    prepare: (project) => project.write('specs/json.trace.yaml', jsonSpec),
    args: ['check', trace, '--spec', 'jsno'],
    says: 'did you mean json?',
  },
  {
    what: 'two specs of one name',
    prepare: (project) => {
      project.write('specs/a.trace.yaml', jsonSpec)
      project.write('specs/b.trace.yaml', jsonSpec)
    },
    args: ['check', trace, '--spec', 'json'],
    says: 'two specs are called json',
  },
  {
    what: 'a spec of bombs',
    prepare: (project) => project.write('specs/bomb.trace.yaml', `${laughs}name: bomb\n`),
    args: ['check', trace],
    says: 'specs/bomb.trace.yaml:1:1: error: The spec has more than 100000 values',
  },
  {
    what: 'a spec nested beyond reason',
    prepare: (project) =>
      project.write('specs/deep.trace.yaml', `name: x\nignore: ${'['.repeat(5000)}\n`),
    args: ['check', trace],
    says: 'nest deeper than 200 levels',
  },
  {
    what: 'a spec that is not UTF-8',
    prepare: (project) =>
      project.write('specs/latin.trace.yaml', Buffer.from('name: caf\xE9\n', 'latin1')),
    args: ['check', trace],
    says: 'specs/latin.trace.yaml:1:10: error: The file is not UTF-8 text.',
  },
  {
    what: 'a spec that is too large',
    prepare: (project) => project.write('specs/big.trace.yaml', '#'.repeat(1024 * 1024 + 1)),
    args: ['check', trace],
    says: 'larger than 1 MiB',
  },
  {
    what: 'an empty spec',
    prepare: (project) => project.write('specs/empty.trace.yaml', ''),
    args: ['check', trace],
    says: 'The file is empty.',
  },
  {
    what: 'a wrong tracespec.yaml',
    prepare: (project) => project.write('tracespec.yaml', 'spec: specs\n'),
    args: ['check', trace],
    says: 'tracespec.yaml:1:1: `spec` is not a field of tracespec.yaml. (did you mean `specs`?)',
  },
  {
    what: 'a spec folder outside the project',
    prepare: (project) => project.write('tracespec.yaml', 'specs: ../..\n'),
    args: ['check', trace],
    says: 'is outside the project',
  },
  {
    what: 'an empty trace file',
    prepare: (project) => project.write('empty.json', ''),
    args: ['check', 'empty.json'],
    says: 'empty.json is empty',
  },
  {
    what: 'a trace file of something else',
    prepare: (project) => project.write('other.json', '{"a": 1}'),
    args: ['check', 'other.json'],
    says: 'JSON without OTLP traces',
  },
  {
    what: 'a folder without traces',
    prepare: (project) => project.write('empty/readme.md', ''),
    args: ['check', 'empty'],
    says: 'no trace files in',
  },
  {
    what: 'a file that is not there',
    prepare: () => undefined,
    args: ['check', 'nowhere.json'],
    says: 'there is no file or folder nowhere.json',
  },
  {
    what: 'an id without its prefix',
    prepare: () => undefined,
    args: ['show', 'a'.repeat(32)],
    says: `did you mean trace:${'a'.repeat(32)}?`,
  },
  {
    what: 'the last run where nothing ran',
    prepare: () => undefined,
    args: ['check', 'last'],
    says: 'nothing was captured in this project yet',
  },
  {
    what: 'a store that is no folder',
    prepare: (project) => project.write('.tracespec', 'a file'),
    args: ['run', '--', ...json],
    says: '.tracespec',
  },
  {
    what: 'a store that is no database',
    prepare: (project) => project.write('.tracespec/tracespec.db', 'x'.repeat(5000)),
    args: ['run', '--', ...json],
    says: 'the store cannot be used: its file is no database',
  },
  {
    what: 'a span that the trace has not',
    prepare: () => undefined,
    args: ['show', trace, '--span', 'b'.repeat(16)],
    says: `there is no span ${'b'.repeat(16)}`,
  },
]

describe.concurrent('bad input', () => {
  test.for(bad)('$what is one clear message and exit 2', async ({ prepare, args, says }) => {
    using project = place()
    await prepare(project)
    const { code, stdout, stderr } = await project.run(args)
    expect({ code, stdout, stderr: stderr.replaceAll(/\s+/g, ' ') }).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(says),
    })
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

const ways: readonly {
  readonly way: string
  readonly args: readonly string[]
  readonly stdin?: Uint8Array
}[] = [
  { way: 'a file', args: [trace] },
  { way: 'a folder', args: ['folder'] },
  { way: 'gzip', args: ['trace.json.gz'] },
  { way: 'standard input', args: ['-'], stdin: readFileSync(trace) },
  { way: 'gzip on standard input', args: ['-'], stdin: gzipSync(readFileSync(trace)) },
  { way: 'a file called last', args: ['./last'] },
  { way: 'a path that looks like a run', args: ['run:r-1'] },
]

test.for(ways)('a trace comes as $way', async ({ args, stdin }) => {
  using project = place({
    'root.trace.yaml':
      'name: root\nexpected_spans:\n  - operation_name: hipstershop.Frontend/Recv.\n',
  })
  project.write('folder/a/trace.json', readFileSync(trace))
  project.write('last', readFileSync(trace))
  project.write('run:r-1', readFileSync(trace))
  writeFileSync(join(project.folder, 'trace.json.gz'), gzipSync(readFileSync(trace)))
  const options = stdin === undefined ? {} : { stdin }
  const done = await project.run(['check', '--json', ...args, '--spec', 'root'], options)
  const { status, captured } = JSON.parse(done.stdout)
  expect({ code: done.code, status, spans: captured.spans }).toEqual({
    code: 0,
    status: 'pass',
    spans: 68,
  })
})

test('nothing is made by reading alone', async () => {
  using project = place()
  await project.run(['check', trace])
  await project.run(['traces'])
  await project.run(['spec', 'list'])
  await project.run(['show', trace])
  const { stdout } = await project.paste('ls -A')
  expect(stdout).toBe('tracespec.yaml\n')
  expect(dirname(project.folder)).not.toBe(project.folder)
})

test.for(['run', 'check'])(
  'the help of %s says the longest wait once, with its unit',
  async (name) => {
    using project = place()
    const { stdout } = await project.run([name, '--help'])
    const [, wait = ''] = /--wait <duration>([^]*?)\n {2}-/.exec(stdout) ?? []
    expect(wait.match(/\(default:[^)]*\)/g)).toEqual(['(default: 10s)'])
  },
)
