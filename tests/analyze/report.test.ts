import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { renderAnalysisAgent } from '../../src/report/analysis-agent.ts'
import { analysisSchema, analysisSchemaText } from '../../src/report/analysis-schema.ts'
import { renderAnalysisText } from '../../src/report/analysis-text.ts'
import { renderAnalysisJson } from '../../src/report/analysis.ts'
import { columns } from '../../src/report/terminal.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { readJaeger } from './jaeger-json.ts'
import { checkout, documentOf } from './shop.ts'

const terminal = { width: 100, color: false, unicode: true }

test('a checkout for a person', async () => {
  verifies('P-09', 'P-10', 'P-11')
  const text = renderAnalysisText(documentOf([checkout], 5), terminal)
  await expect(text).toMatchFileSnapshot('golden/checkout.txt')
})

test('a checkout for an agent', async () => {
  const text = renderAnalysisAgent(documentOf([checkout], 5))
  await expect(text).toMatchFileSnapshot('golden/checkout.agent.txt')
})

test('a checkout as JSON', async () => {
  await expect(renderAnalysisJson(documentOf([checkout], 2))).toMatchFileSnapshot(
    'golden/checkout.json',
  )
})

const published = new URL('../../schema/analysis.schema.json', import.meta.url)
const validate = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(published, 'utf8')),
)

test('the published schema is the one that the types give', () => {
  expect(readFileSync(published, 'utf8')).toBe(analysisSchemaText())
})

const long = 'x'.repeat(10_000)
const fan = buildTrace(
  Array.from({ length: 2000 }, (_, at) =>
    span({
      id: at + 1,
      ...(at === 0 ? {} : { parent: Math.ceil(at / 10) }),
      name: `${long} ${at % 300}`,
      status: { code: 'error', message: `${long} ${at}` },
    }),
  ),
)

const traces: Readonly<Record<string, Trace>> = {
  checkout,
  'a trace of messages': readJaeger('jaeger-ui/testTrace.json').trace,
  'a trace of retries': readJaeger('crisp/23.json').trace,
  'two spans that name each other': buildTrace([
    span({ id: 1, parent: 2, start: 0, end: 5 }),
    span({ id: 2, parent: 1, start: 0, end: 5 }),
  ]),
  'two spans with one id': buildTrace([span({ id: 1, name: 'a' }), span({ id: 1, name: 'b' })]),
  'a moment': buildTrace([span({ id: 1, start: 7, end: 7 })]),
  'long names and messages': fan,
}

test.for(Object.entries(traces))('the document of %s keeps to the schema', ([, trace]) => {
  const document: unknown = JSON.parse(renderAnalysisJson(documentOf([trace], 20)))
  validate(document)
  expect(validate.errors ?? []).toEqual([])
  expect(analysisSchema.parse(document)).toEqual(document)
})

test.for(Object.entries(traces))('%s fits a page, plainly', ([, trace]) => {
  const lines = renderAnalysisText(documentOf([trace], 5), terminal).split('\n')
  expect(lines.filter((line) => columns(line) > 100)).toEqual([])
  expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([])
})

test('without unicode everything is ASCII', () => {
  const text = renderAnalysisText(documentOf([checkout], 5), { ...terminal, unicode: false })
  expect(text).toMatch(/^[\n -~]+$/)
})

test('an agent never reads more than 4,000 bytes, and is told what is left out', () => {
  const text = renderAnalysisAgent(documentOf([fan], 100))
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4000)
  expect(text).toMatch(/\nomitted: \d+ lines; the same command with --json has everything\n$/)
})

test('of several traces the rest is counted', () => {
  const both = renderAnalysisText(documentOf([checkout, fan], 1), terminal)
  expect(both).toContain('trace:')
  const { traces: list } = documentOf(
    Array.from({ length: 21 }, () => checkout),
    1,
  )
  expect([list.shown, list.total, list.how]).toEqual([
    20,
    21,
    '--trace ID analyses any one of them',
  ])
})
