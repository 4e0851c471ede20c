import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseSpec } from '../../src/spec/parse.ts'
import { traceSpecSchemaText } from '../../src/spec/trace-spec-schema.ts'
import { verifies } from '../verifies.ts'
import { specWith } from './issues-of.ts'
import { shapeFaults } from './shape-faults.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const published = readFileSync(`${root}schema/trace-spec.schema.json`, 'utf8')
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false })
const validate = ajv.compile(JSON.parse(published))

test('the published schema is the one that the parser reads by', () => {
  expect(published).toBe(traceSpecSchemaText())
})

const examples = readdirSync(`${root}specs`).filter((file) => file.endsWith('.yaml'))

test('there are example specs', () => {
  expect(examples).toEqual(
    expect.arrayContaining(['checkout.trace.yaml', 'guard.trace.yaml', 'minimal.trace.yaml']),
  )
})

test.for(examples)('%s is a spec without an issue, for the parser and for editors', (file) => {
  verifies('P-01')
  const text = readFileSync(`${root}specs/${file}`, 'utf8')
  expect(text.split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../schema/trace-spec.schema.json',
  )
  expect(parseSpec(text, { file }).issues).toEqual([])
  // as editors read it
  validate(parse(text, { merge: true }))
  expect(validate.errors).toBeNull()
})

test.for<readonly [string, string]>([
  ['an integer beyond 2^53', specWith('required_tags: { a: 9007199254740993 }')],
  ['a kind in capitals', specWith('kind: Server')],
  ['a status in capitals', specWith('status: ERROR')],
  [
    'every operator',
    specWith(
      'required_tags: { a: { eq: 1, ne: a, gt: 1, gte: 1, lt: b, lte: 1, in: [1], glob: a, regex: a, template: a, exists: true, type: INT, contains: 1, length: { gt: 1 } } }',
    ),
  ],
])('%s is accepted by both', ([, text]) => {
  expect(parseSpec(text, { file: 'a.yaml' }).issues).toEqual([])
  validate(parse(text))
  expect(validate.errors).toBeNull()
})

test.for(shapeFaults)('$story is refused by the schema too', ({ text }) => {
  expect(validate(parse(text))).toBe(false)
})

test('every field is described for editors', () => {
  const undescribed: string[] = []
  const open: { readonly path: string; readonly schema: unknown }[] = [
    { path: '', schema: JSON.parse(published) },
  ]
  for (const { path, schema } of open) {
    if (typeof schema !== 'object' || schema === null) continue
    for (const [key, value] of Object.entries(schema)) {
      open.push({ path: `${path}/${key}`, schema: value })
      if (/\/properties\/[^/]+$/.test(`${path}/${key}`) && !Object.hasOwn(value, 'description')) {
        undescribed.push(`${path}/${key}`)
      }
    }
  }
  expect(open.length).toBeGreaterThan(100)
  expect(undescribed).toEqual([])
})
