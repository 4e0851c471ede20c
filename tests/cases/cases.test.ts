import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { resultOf } from '../../src/report/json.ts'
import { renderText } from '../../src/report/text.ts'
import { evidenceOf } from '../../src/app/evidence.ts'
import { capturedOf } from '../../src/verify/captured.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { verifies } from '../verifies.ts'
import { brief } from './brief.ts'
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
    await expectFile(name, 'report.txt', reportOf(story, result))
  })
})

test('there are 40 pairs and more, and each broken twin differs in its spec, its trace or its run alone', async () => {
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

function judged({ file, observation }: Story): SpecResult {
  return verify(file, observation)
}

function reportOf({ observation }: Story, result: SpecResult): string {
  const { traces, run } = observation
  const outcome = {
    version: '0.0.0',
    asked: {
      traces: ['trace.otlp.json'],
      specs: ['spec.yaml'],
      common_options: [],
      run_options: [],
    },
    run: null,
    captured: capturedOf(traces),
    evidence: evidenceOf(traces, run),
    specs: [result],
    not_exercised: [],
    command_failed: null,
    diagnosis: null,
    error: null,
    interrupted: false,
  }
  return renderText(resultOf(outcome), { width: 100, color: false, unicode: true, traces })
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
