import { join } from 'node:path'
import { expect, test } from 'vitest'
import { place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect } from './host.ts'

test.for<Readonly<Record<string, string>>>([
  { TRACESPEC_TRUST: '1' },
  { HOME: '/nowhere' },
  { XDG_CONFIG_HOME: 'config' },
])('the variables %j of a call are for its command, and trust nothing', async (env) => {
  verifies('P-27')
  using project = place()
  project.write('tracespec.yaml', 'store: "postgres://127.0.0.1:1/${TOKEN}"\n')
  project.write('config/tracespec/trust.json', '{}')
  await using host = await connect(project, '2026-07-28')
  const { isError, structured } = await host.call('execute_and_capture', {
    command: 'node',
    args: ['--version'],
    env: {
      ...env,
      ...('XDG_CONFIG_HOME' in env && { XDG_CONFIG_HOME: join(project.folder, 'config') }),
      TOKEN: 'given by the call',
    },
  })
  expect(isError).toBe(true)
  expect(structured['summary']).toMatch(
    /tracespec\.yaml:1: store sends \$\{TOKEN\} to this machine, which is not trusted/,
  )
})
