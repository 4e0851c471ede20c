import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { architectureFindings, type Architecture } from './architecture.ts'

const model = ['trace', 'spec', 'verify']
const adapters = ['receiver', 'store', 'sources', 'runner', 'project']

const architecture: Architecture = {
  mayImport: {
    trace: [],
    otlp: ['trace'],
    spec: ['trace'],
    verify: ['trace', 'spec'],
    analyze: model,
    report: [...model, 'analyze'],
    app: [...model, 'analyze'],
    receiver: ['trace', 'otlp'],
    store: ['trace', 'otlp'],
    sources: ['trace', 'otlp'],
    runner: ['trace', 'otlp'],
    project: ['trace', 'spec'],
    'wire.ts': [...model, 'otlp', ...adapters],
    mcp: ['app', 'report', 'wire.ts', 'trace', 'type spec', 'type verify'],
    cli: ['mcp', 'app', 'report', 'wire.ts', 'trace', 'type spec', 'type verify'],
    'index.ts': [...model, 'otlp', 'report', 'app', 'wire.ts'],
  },
  pure: ['trace', 'otlp', 'spec', 'verify', 'analyze', 'report', 'app'],
  publicApi: 'index.ts',
}

test('the sources follow the table', () => {
  const root = fileURLToPath(new URL('../src/', import.meta.url))
  const tree = new Map(
    globSync('**/*.{ts,cts,mts,js,cjs,mjs}', { cwd: root }).map((path) => [
      path,
      readFileSync(`${root}${path}`, 'utf8'),
    ]),
  )
  expect(tree.size).toBeGreaterThan(10)
  expect(architectureFindings(tree, architecture)).toEqual([])
})

test('what is allowed has no finding', () => {
  const tree = {
    'trace/span.ts': 'export interface Span { readonly process: string; readonly fetch: number }',
    'trace/fault.ts': 'export class Fault extends Error {}',
    'spec/spec.ts': "import type { Span } from '../trace/span.ts'\nexport type Spec = Span",
    'report/text.ts': 'export const text: string = `process.exit(1) and ${[1].length}`',
    'app/check.ts': 'export function age(clock: Date): Date { return new Date(clock) }',
    'app/ends.ts':
      'export const ends = (all: number[]) => all.map((process) => { const { fetch } = { fetch: process }; return fetch })',
    'runner/spawn.ts': "import { spawn } from 'node:child_process'\nspawn(process.execPath)",
    'cli/main.ts':
      "import type { Spec } from '../spec/spec.ts'\nimport { Fault } from '../trace/fault.ts'\nexport const a: Spec | Fault = new Fault()",
    'index.ts': "export { Fault } from './trace/fault.ts'",
  }
  expect(architectureFindings(new Map(Object.entries(tree)), architecture)).toEqual([])
})

interface Planted {
  readonly fault: string
  readonly tree: Readonly<Record<string, string>>
  readonly findings: readonly string[]
}

const planted: readonly Planted[] = [
  {
    fault: 'an import against the direction',
    tree: {
      'trace/a.ts': "import { b } from '../otlp/b.ts'\nb()",
      'otlp/b.ts': 'export function b() {}',
    },
    findings: ['trace/a.ts: trace may not import otlp/b.ts'],
  },
  {
    fault: 'an adapter that knows another, loaded on use',
    tree: {
      'store/a.ts': "export const a = () => import('../sources/b.ts')",
      'sources/b.ts': 'export const b = 1',
    },
    findings: ['store/a.ts: store may not import sources/b.ts'],
  },
  {
    fault: 'a type against the direction, passed on',
    tree: {
      'report/a.ts': "export type { B } from '../app/b.ts'\nexport const a = 1",
      'app/b.ts': 'export type B = 1',
    },
    findings: ['report/a.ts: report may not import app/b.ts'],
  },
  {
    fault: 'a door that computes',
    tree: {
      'cli/a.ts': "import { b } from '../verify/b.ts'\nb()",
      'verify/b.ts': 'export function b() {}',
    },
    findings: ['cli/a.ts: cli may import only types of verify/b.ts'],
  },
  {
    fault: 'a folder that nobody planned',
    tree: { 'misc/a.ts': 'export const a = 1' },
    findings: ['misc/a.ts: misc is not in the table'],
  },
  {
    fault: 'a pure folder that touches the world',
    tree: {
      'verify/a.ts':
        "import { readFileSync } from 'node:fs'\nexport const a = [readFileSync, Date.now(), Math.random(), new Date()]",
      'app/b.ts': 'export const b = () => fetch(`${process.env.HOME}`).finally(console.log)',
      'spec/c.ts': "const fs = await import('node:fs')\nsetTimeout(fs.readFileSync)",
    },
    findings: [
      'app/b.ts: a pure folder may not use console',
      'app/b.ts: a pure folder may not use fetch',
      'app/b.ts: a pure folder may not use process',
      'spec/c.ts: a pure folder may not use node:fs',
      'spec/c.ts: a pure folder may not use setTimeout',
      'verify/a.ts: a pure folder may not use node:fs',
      'verify/a.ts: a pure folder may not use Date.now',
      'verify/a.ts: a pure folder may not use Math.random',
      'verify/a.ts: a pure folder may not use new Date()',
    ],
  },
  {
    fault: 'an index file',
    tree: { 'trace/index.ts': 'export const a = 1' },
    findings: ['trace/index.ts: no index file inside a folder'],
  },
  {
    fault: 'a star',
    tree: {
      'index.ts': "export * from './trace/a.ts'",
      'trace/a.ts': 'export const a = 1',
      'trace/b.ts': "export * as all from './a.ts'\nexport const b = 1",
    },
    findings: ['index.ts: no export *', 'trace/b.ts: no export *'],
  },
  {
    fault: 'a file that only passes on',
    tree: {
      'trace/a.ts': 'export const a = 1',
      'trace/all.ts': "export { a } from './a.ts'",
      'trace/more.ts': "import { a } from './a.ts'\nexport { a }",
    },
    findings: ['trace/all.ts: only re-exports', 'trace/more.ts: only re-exports'],
  },
  {
    fault: 'a default export',
    tree: { 'trace/a.ts': 'export default function a() {}' },
    findings: ['trace/a.ts: no default export'],
  },
  {
    fault: 'files that import each other',
    tree: {
      'trace/a.ts': "import { b } from './b.ts'\nexport const a = b",
      'trace/b.ts': "import { c } from './c.ts'\nexport const b = c",
      'trace/c.ts': "import type { a } from './a.ts'\nexport const c = 1 as typeof a",
    },
    findings: ['files import each other: trace/a.ts, trace/b.ts, trace/c.ts'],
  },
  {
    fault: 'folders that import each other by different files',
    tree: {
      'trace/a.ts': "import { b } from '../spec/b.ts'\nexport const a = b",
      'trace/d.ts': 'export const d = 1',
      'spec/b.ts': 'export const b = 1',
      'spec/c.ts': "import { d } from '../trace/d.ts'\nexport const c = d",
    },
    findings: [
      'trace/a.ts: trace may not import spec/b.ts',
      'folders import each other: spec, trace',
    ],
  },
  {
    fault: 'a drawer for everything',
    tree: {
      'trace/utils.ts': 'export const a = 1',
      'spec/yaml-helper.ts': 'export const a = 1',
      'app/manager/run.ts': 'export const a = 1',
      'store/span-service.ts': 'export const a = 1',
    },
    findings: [
      'app/manager/run.ts: "manager" says nothing about what it holds',
      'spec/yaml-helper.ts: "yaml-helper" says nothing about what it holds',
      'store/span-service.ts: "span-service" says nothing about what it holds',
      'trace/utils.ts: "utils" says nothing about what it holds',
    ],
  },
]

test.for(planted)('$fault is found', ({ tree, findings }) => {
  expect(architectureFindings(new Map(Object.entries(tree)), architecture)).toEqual(findings)
})
