import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Finding, SpecResult } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { verifies } from '../verifies.ts'
import { brief } from './brief.ts'
import { reportOf } from './report.ts'
import type { Story } from './story.ts'
import { CASES, readStory, storyNames } from './story.ts'

const names = await storyNames()

describe.for(names)('the case %s', (name) => {
  test('is decided as a person reasoned it out', async () => {
    verifies('X-01', 'X-03', 'X-04', 'X-05', 'P-05', 'P-07')
    const story = await readStory(name)
    const { expected } = story
    const result = judged(story)
    const findings = (status: string): readonly string[] =>
      result.findings.items
        .filter((each) => each.status === status)
        .map(brief)
        .toSorted()
    const open = findings('inconclusive')
    expect({
      status: result.status,
      findings: findings('fail'),
      open: open.filter((each) => expected.open.includes(each)),
      reported: expected.reported === undefined ? undefined : findings('info'),
    }).toEqual({
      status: expected.status,
      findings: expected.findings.toSorted(),
      open: expected.open.toSorted(),
      reported: expected.reported?.toSorted(),
    })
  })

  test('has the verdict and the report that were reviewed', async () => {
    const story = await readStory(name)
    const result = judged(story)
    await expectFile(name, 'verdict.json', `${JSON.stringify(result, null, 2)}\n`)
    await expectFile(name, 'report.txt', reportOf(story.observation, result))
  })
})

test('there are 40 pairs and more: beside each broken case stands its twin that passes', async () => {
  const broken = names.filter((name) => name.endsWith('-broken'))
  expect(broken.length).toBeGreaterThanOrEqual(40)
  expect(names.length).toBe(2 * broken.length)
  for (const name of broken) {
    const twin = await readStory(name)
    const passing = await readStory(name.slice(0, -'-broken'.length))
    expect(passing.expected.status, `${name} has a twin that passes`).toBe('pass')
    expect(twin.expected.status, `${name} does not pass`).not.toBe('pass')
  }
})

test('every finding that the engine knows is found in some case', async () => {
  const stories = await Promise.all(names.map(readStory))
  const found = stories.flatMap((story) => judged(story).findings.items.map((each) => each.code))
  expect([...new Set(found)].toSorted()).toEqual(CODES.toSorted())
})

const CODES = Object.keys({
  span_missing: true,
  span_moved: true,
  span_renamed: true,
  span_excess: true,
  condition_failed: true,
  span_unexpected: true,
  span_forbidden: true,
  error_unexpected: true,
  error_forbidden: true,
  error_missing: true,
  total_duration_exceeded: true,
  percentile_exceeded: true,
  no_case: true,
  too_few_cases: true,
  too_many_cases: true,
  not_judged: true,
  undecided: true,
} satisfies Record<Finding['code'], true>)

function judged({ file, observation }: Story): SpecResult {
  return verify(file, observation)
}

/** `UPDATE=1` writes what a person then reviews; a clean machine never writes. */
async function expectFile(name: string, file: string, text: string): Promise<void> {
  const path = join(CASES, name, file)
  if (env['UPDATE'] === '1' && env['CI'] === undefined) {
    await writeFile(path, text)
    return
  }
  expect(existsSync(path), `${path} is missing: UPDATE=1 writes it`).toBe(true)
  await expect(text).toMatchFileSnapshot(path)
}
