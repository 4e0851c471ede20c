import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'tracespec-summary-'))
const script = fileURLToPath(new URL('../../scripts/summary.ts', import.meta.url))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(status: string, tests: readonly string[]): object {
  return {
    name: 'a.test.ts',
    status,
    message: status === 'failed' ? 'cannot load' : '',
    assertionResults: tests.map((outcome) => ({ status: outcome, fullName: `is ${outcome}` })),
  }
}

test.for([
  {
    story: 'all reports are added up',
    reports: [[file('passed', ['passed', 'passed'])], [file('passed', ['passed'])]],
    lines: ['3 passed, 0 failed'],
    exitCode: 0,
  },
  {
    story: 'what did not run counts as failed',
    reports: [[file('passed', ['passed', 'skipped', 'todo'])]],
    lines: ['skipped: a.test.ts: is skipped', 'todo: a.test.ts: is todo', '1 passed, 2 failed'],
    exitCode: 1,
  },
  {
    story: 'a failed test counts once',
    reports: [[file('failed', ['passed', 'failed'])]],
    lines: ['failed: a.test.ts: is failed', '1 passed, 1 failed'],
    exitCode: 1,
  },
  {
    story: 'a file that did not load counts as failed',
    reports: [[file('failed', [])]],
    lines: ['failed: a.test.ts: cannot load', '0 passed, 1 failed'],
    exitCode: 1,
  },
])('$story', ({ reports, lines, exitCode }) => {
  const paths = reports.map((testResults, index) => {
    const path = join(folder, `${index}.json`)
    writeFileSync(path, JSON.stringify({ testResults }))
    return path
  })
  const { stdout, status } = spawnSync(process.execPath, [script, ...paths], { encoding: 'utf8' })
  expect({ lines: stdout.trim().split('\n'), exitCode: status }).toEqual({ lines, exitCode })
})

test.for([
  { story: 'a report that was never written', write: false, line: 'failed: no report at ' },
  { story: 'a report without a test', write: true, line: 'failed: ' },
])('$story counts as failed', ({ write, line }) => {
  const path = join(folder, `alone-${write}.json`)
  if (write) writeFileSync(path, JSON.stringify({ testResults: [] }))
  const { stdout, status } = spawnSync(process.execPath, [script, path], { encoding: 'utf8' })
  expect({ lines: stdout.trim().split('\n'), exitCode: status }).toEqual({
    lines: [`${line}${path}${write ? ' holds no test' : ''}`, '0 passed, 1 failed'],
    exitCode: 1,
  })
})
