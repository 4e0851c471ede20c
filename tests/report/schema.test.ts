import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { renderJson, resultOf } from '../../src/report/json.ts'
import { resultSchema, resultSchemaText } from '../../src/report/result-schema.ts'
import type { Outcome } from '../../src/verify/outcome.ts'
import { verifies } from '../verifies.ts'
import { failed } from './checkout.ts'
import { everyDiagnosis, everyFix, everyReason } from './every-code.ts'
import { outcomes } from './outcomes.ts'

const published = new URL('../../schema/result.schema.json', import.meta.url)
const validate = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(published, 'utf8')),
)

const everyCase: Readonly<Record<string, Outcome>> = {
  ...outcomes,
  ...Object.fromEntries(
    Object.values(everyDiagnosis).map((diagnosis) => [diagnosis.layer, { ...failed, diagnosis }]),
  ),
  ...Object.fromEntries(
    Object.values(everyFix).map((fix) => [
      `fix ${fix.code}`,
      { ...failed, diagnosis: { ...everyDiagnosis.refused, fix } },
    ]),
  ),
  'every evidence reason': {
    ...failed,
    evidence: { complete: false, reasons: Object.values(everyReason) },
  },
}

test('the published schema is the one that the types give', () => {
  expect(readFileSync(published, 'utf8')).toBe(resultSchemaText())
})

test.for(Object.entries(everyCase))('the document of %s keeps to the schema', ([, outcome]) => {
  verifies('P-07')
  const document: unknown = JSON.parse(renderJson(resultOf(outcome)))
  validate(document)
  expect(validate.errors ?? []).toEqual([])
  expect(resultSchema.parse(document)).toEqual(document)
})

test.for([
  ['a status that does not exist', { status: 'ok' }],
  ['an exit code that does not exist', { exit_code: 5 }],
  ['a field that nobody knows', { colour: 'red' }],
  ['a missing summary', { summary: undefined }],
] as const)('the schema refuses %s', ([, change]) => {
  const document: unknown = JSON.parse(JSON.stringify({ ...resultOf(failed), ...change }))
  expect(validate(document)).toBe(false)
})
