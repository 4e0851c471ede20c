import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { coreTools } from '../../src/mcp/tools.ts'
import { place } from '../cli/tracespec.ts'
import { connect } from './host.ts'

const hostile = [
  '../../etc/passwd',
  '/etc/passwd',
  '..',
  '-',
  '~',
  '',
  '\0',
  'a\nb',
  'specs/../../outside.yaml',
  "'; DROP TABLE spans; --",
  '" OR 1=1 --',
  '$(touch ../pwned)',
  '`touch ../pwned`',
  '; touch ../pwned',
  '--project=/',
  '\u202E\u0000\uD800',
  '%00%2e%2e',
  '__proto__',
  'constructor',
  'x'.repeat(20_000),
  'trace:00000000000000000000000000000000',
  'run:../../x',
  '9999-12-31T23:59:59Z',
]

const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 50 }))
const value = fc.oneof(
  { weight: 9, arbitrary: text },
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(-1, 0, 1e308, 2 ** 53, null, true, { from: '0001-01-01T00:00:00Z' }),
  fc.constant(Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 'deep')),
)

const tools = await Promise.all(Object.values(coreTools).map((load) => load()))
const call = fc
  .constantFrom(...tools)
  .chain((tool) => fc.record({ name: fc.constant(tool.name), args: wrongArguments(tool) }))

type Tool = (typeof tools)[number]

/** Right arguments with one or two wrong ones among them, so that they get past the schema. */
function wrongArguments(tool: Tool): fc.Arbitrary<Record<string, unknown>> {
  const right = tool.name === 'execute_and_capture' ? { command: 'no-such-program' } : tool.example
  const wrong = fc
    .constantFrom(...argumentsOf(tool))
    .chain((name) => valueOf(tool.name, name).map((bad) => [name, bad] as const))
  return fc
    .array(wrong, { minLength: 1, maxLength: 2 })
    .map((pairs) => ({ ...right, ...Object.fromEntries(pairs) }))
}

function argumentsOf(tool: Tool): string[] {
  return Object.keys('shape' in tool.input ? (tool.input.shape as object) : {})
}

/** Nothing is run that exists: a command that does would be one that was asked for. */
function valueOf(tool: string, name: string): fc.Arbitrary<unknown> {
  if (tool !== 'execute_and_capture') return value
  if (name === 'shell') return fc.constantFrom(false, 'yes', 1)
  return name === 'command' ? text.map((word) => `no-such-program-${word}`) : value
}

test('1,000 hostile calls break nothing, write nothing outside and run nothing', async () => {
  using project = place({ 'a.trace.yaml': 'name: a\nexpected_spans: [{ operation_name: a }]\n' })
  const around = dirname(project.folder)
  writeFileSync(join(around, 'outside.yaml'), 'untouched')
  const before = readdirSync(around)
  await using host = await connect(project, '2026-07-28')
  let worked = 0
  await fc.assert(
    fc.asyncProperty(call, async ({ name, args }) => {
      const { structured } = await host.call(name, JSON.parse(JSON.stringify(args)))
      expect(structured['summary']).toEqual(expect.any(String))
      expect(Array.isArray(structured['next_steps'])).toBe(true)
      if (!String(structured['summary']).includes('the arguments of')) worked += 1
    }),
    { numRuns: 1000 },
  )
  expect(worked).toBeGreaterThan(100)
  expect(readdirSync(around)).toEqual(before)
  expect(readFileSync(join(around, 'outside.yaml'), 'utf8')).toBe('untouched')
  expect(existsSync(join(around, 'pwned'))).toBe(false)
  expect((await host.call('list_trace_specs')).isError).toBe(false)
}, 180_000)
