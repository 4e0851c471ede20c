import { expect, test } from 'vitest'
import {
  diagnosisSentence,
  fixSentence,
  observationSentence,
} from '../../src/report/wording/diagnosis.ts'
import { evidenceAdvice, evidenceSentence } from '../../src/report/wording/evidence.ts'
import { findingLabel, findingSentence } from '../../src/report/wording/finding.ts'
import { apart, condition, duration } from '../../src/report/wording/phrases.ts'
import { suggestionSentence } from '../../src/report/wording/suggestion.ts'
import { verifies } from '../verifies.ts'
import {
  everyCondition,
  everyDiagnosis,
  everyFinding,
  everyFix,
  everyObservation,
  everyReason,
  everySuggestion,
} from './every-code.ts'

const words: Readonly<Record<string, readonly string[]>> = {
  findings: Object.values(everyFinding).map(
    (finding) => `${finding.code} | ${findingLabel(finding)} | ${findingSentence(finding)}`,
  ),
  conditions: everyCondition.map((facts) => `${facts.condition} | ${condition(facts)}`),
  evidence: Object.values(everyReason).map(
    (reason) =>
      `${reason.code} | ${evidenceSentence(reason)} | ${evidenceAdvice(reason) ?? 'no advice'}`,
  ),
  suggestions: Object.values(everySuggestion).map(
    (suggestion) => `${suggestion.code} | ${suggestionSentence(suggestion)}`,
  ),
  diagnoses: Object.values(everyDiagnosis).map(
    (diagnosis) => `${diagnosis.layer} | ${diagnosisSentence(diagnosis)}`,
  ),
  observations: Object.values(everyObservation).map(
    (seen) => `${seen.code} | ${observationSentence(seen)}`,
  ),
  fixes: Object.values(everyFix).map((fix) => `${fix.code} | ${fixSentence(fix)}`),
}

test.for(Object.keys(words))('every code of the %s has its words', async (topic) => {
  verifies('X-03')
  const lines = words[topic] ?? []
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/words/${topic}.txt`)
})

test.for(Object.values(everyFinding))(
  'the words of $code name a span or a count, no bare id',
  (finding) => {
    expect(findingSentence(finding)).not.toMatch(/[0-9a-f]{16}/)
  },
)

test.for([
  { observed: 152.031_204, limit: 61, text: '152 ms' },
  { observed: 100.4, limit: 100, text: '100.4 ms' },
  { observed: 100.000_4, limit: 100, text: '100.0004 ms' },
  { observed: 0.25, limit: 0.2, text: '0.3 ms' },
])('$observed ms is told apart from the limit $limit ms', ({ observed, limit, text }) => {
  expect(apart(observed, limit)).toBe(text)
})

test.for([
  { ms: 0, text: '0 ms' },
  { ms: 0.0421, text: '0.042 ms' },
  { ms: 3.14159, text: '3.1 ms' },
  { ms: 41.6, text: '42 ms' },
  { ms: 1234.5, text: '1.23 s' },
  { ms: 61_000, text: '61.0 s' },
])('$ms ms is written as $text', ({ ms, text }) => {
  expect(duration(ms)).toBe(text)
})
