import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture, place } from '../../cli/tracespec.ts'
import { eras, type Era } from '../../mcp/host.ts'
import { startHttp } from '../../mcp/http-server.ts'
import { verifies } from '../../verifies.ts'
import { openBearerProxy } from './bearer-proxy.ts'
import { serveFixtures } from './fixture-server.ts'
import { runProgram } from './programs.ts'

interface Judged {
  readonly code: unknown
  readonly summary: string
  readonly passed: number
  /** `scenario:check` of what failed, without the scenarios that the revision does not require. */
  readonly failed: readonly string[]
}

/** What the suite makes of the server for one revision of the protocol. */
async function judge(url: string, era: Era, args: readonly string[] = []): Promise<Judged> {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-conformance-'))
  try {
    const { code, stdout } = await runProgram(
      'conformance',
      ['server', '--url', url, '--requirements', era, '--output-dir', folder, ...args],
      { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } },
    )
    const [, unscored = ''] = stdout.split(/^Not scored for /m)
    const checks = globSync('server-*/checks.json', { cwd: folder }).flatMap((path) => {
      const [, scenario = ''] = /^server-(.*)-\d{4}-\d\d-\d\dT/.exec(path) ?? []
      const isScored = !unscored.includes(` ${scenario} (`)
      const found = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Check[]
      return found.map(({ id, status }) => ({ name: `${scenario}:${id}`, status, isScored }))
    })
    return {
      code,
      summary: stdout.slice(-2000),
      passed: checks.filter(({ status }) => status === 'SUCCESS').length,
      failed: checks
        .filter(({ status, isScored }) => status === 'FAILURE' && isScored)
        .map(({ name }) => name)
        .toSorted(),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Check {
  readonly id: string
  readonly status: string
}

const required = { '2025-11-25': 81, '2026-07-28': 160 }

test.for(eras)('our adapter passes every check that %s requires', async (era) => {
  verifies('D-10')
  const token = 'f'.repeat(64)
  const serving = await serveFixtures(token)
  try {
    await using proxy = await openBearerProxy(serving.url, token)
    const judged = await judge(proxy.url, era)
    expect(judged).toEqual({ ...judged, code: 0, failed: [] })
    expect(judged.passed).toBeGreaterThanOrEqual(required[era])
  } finally {
    await serving.close()
  }
})

// The suite calls its fixtures by name; the baseline lists the checks that fail on a server that has none, and a stale entry fails.
test.for(eras)('our server fails only what needs a fixture of the suite in %s', async (era) => {
  using project = place({
    'a.trace.yaml': 'name: a\nexpected_spans: [{ operation_name: a }]\n',
  })
  await using server = await startHttp(project)
  await using proxy = await openBearerProxy(server.url, server.token)
  const baseline = fixture(`tests/conformance/mcp/fixture-bound.${era}.yaml`)
  const { code, summary } = await judge(proxy.url, era, ['--expected-failures', baseline])
  expect({ summary, code }).toEqual({ summary, code: 0 })
})
