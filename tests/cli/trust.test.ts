import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TRACE_ID } from '../report/spans.ts'
import { backend, type Backend } from '../sources/backend.ts'
import { verifies } from '../verifies.ts'
import { place, type Finished, type Place } from './tracespec.ts'

/** A repository as it was cloned: its backend asks for a secret of whoever runs it. */
function cloned(server: Backend): Place {
  const project = place()
  project.write('tracespec.yaml', configOf(server, 'AWS_SECRET_ACCESS_KEY'))
  return project
}

function configOf(server: Backend, variable: string): string {
  return `backends:\n  jaeger:\n    endpoint: ${server.url.href}\n    headers:\n      X-Key: \${${variable}}\n`
}

function ask(project: Place, env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const args = ['show', `trace:${TRACE_ID}`, '--from', 'jaeger', '--wait', '0']
  return project.run(args, { env: { AWS_SECRET_ACCESS_KEY: 's3cret', ...env } })
}

const empty = (): Promise<Backend> =>
  backend((request, response) => {
    const isList = request.url === '/api/v3/services'
    response
      .writeHead(isList ? 200 : 404)
      .end(isList ? '{"services":[]}' : '{"error":{"httpCode":404,"message":"No traces found"}}')
  })

test('a cloned project sends no secret before its user has said so, nor after it has changed', async () => {
  verifies('P-27')
  await using server = await empty()
  using project = cloned(server)
  const refused = await ask(project)
  expect(refused).toEqual({
    code: 2,
    stdout: '',
    stderr: `tracespec: tracespec.yaml:3: backend jaeger sends \${AWS_SECRET_ACCESS_KEY} to this machine, which is not trusted
  look at tracespec.yaml, then allow it with: tracespec trust (in CI: TRACESPEC_TRUST=1)
`,
  })
  expect(server.asked).toEqual([])

  const unasked = await project.run(['trust'])
  expect(unasked).toEqual({
    code: 2,
    stdout: '',
    stderr: `tracespec: tracespec.yaml:
  backend jaeger sends \${AWS_SECRET_ACCESS_KEY} to this machine
  look at tracespec.yaml, then allow it with: tracespec trust --yes
`,
  })
  expect((await ask(project)).stderr).toContain('not trusted')

  const trusted = await project.run(['trust', '--yes'])
  expect(trusted).toEqual({
    code: 0,
    stdout: `tracespec.yaml:
  backend jaeger sends \${AWS_SECRET_ACCESS_KEY} to this machine
That is trusted until the backends or the store of tracespec.yaml change.
`,
    stderr: '',
  })
  const answered = await ask(project)
  expect(answered.stderr).toContain(`jaeger has no trace ${TRACE_ID}`)
  expect(`${answered.stdout}${answered.stderr}`).not.toContain('s3cret')
  expect(server.asked.length).toBeGreaterThan(0)
  expect(server.asked.every(({ headers }) => headers['x-key'] === 's3cret')).toBe(true)

  const before = server.asked.length
  project.write('tracespec.yaml', configOf(server, 'HOME'))
  expect((await ask(project)).stderr).toContain('it has changed since it was trusted')
  expect(server.asked.length).toBe(before)
})

test('trust is taken back', async () => {
  await using server = await empty()
  using project = cloned(server)
  await project.run(['trust', '--yes'])
  expect((await project.run(['trust', '--revoke'])).stdout).toBe(
    'Nothing of this project is trusted any more.\n',
  )
  expect((await ask(project)).stderr).toContain('not trusted')
  expect(server.asked).toEqual([])
})

/** Answers on a terminal, as `script` makes one. */
function onTerminal(project: Place, answer: string): Promise<Finished> {
  const terminal =
    process.platform === 'darwin'
      ? 'script -q /dev/null tracespec trust'
      : "script -qec 'tracespec trust' /dev/null"
  return project.paste(`printf '${answer}\\n' | ${terminal}`)
}

test.for([
  ['y', 0, 'That is trusted until'],
  ['yes', 0, 'That is trusted until'],
  ['n', 2, 'nothing is trusted'],
  ['', 2, 'nothing is trusted'],
  ['yep', 2, 'nothing is trusted'],
] as const)('on a terminal it is asked, and %j is an answer', async ([answer, code, says]) => {
  await using server = await empty()
  using project = cloned(server)
  const asked = await onTerminal(project, answer)
  expect([asked.code, asked.stdout]).toEqual([code, expect.stringContaining(says)])
  expect(asked.stdout).toContain('backend jaeger sends ${AWS_SECRET_ACCESS_KEY} to this machine')
  expect(asked.stdout).toContain('Trust this? [y/N] ')
  expect((await ask(project)).stderr.includes('not trusted')).toBe(code === 2)
})

test('in CI a variable of the environment says so', async () => {
  await using server = await empty()
  using project = cloned(server)
  expect((await ask(project, { TRACESPEC_TRUST: '1' })).stderr).toContain('jaeger has no trace')
  expect((await ask(project, { TRACESPEC_TRUST: 'true' })).stderr).toContain('not trusted')
})

test('what is trusted can be read by a program', async () => {
  await using server = await empty()
  using project = cloned(server)
  const { code, stdout } = await project.run(['trust', '--yes', '--json'])
  expect({ code, ...JSON.parse(stdout) }).toEqual({
    code: 0,
    schema: 'tracespec.trust/1',
    outcome: 'trusted',
    demands: [{ name: 'backend jaeger', host: null, variables: ['AWS_SECRET_ACCESS_KEY'] }],
  })
  const home = join(project.folder, '..', '.config/tracespec/trust.json')
  expect(statSync(home).mode & 0o777).toBe(0o600)
})

test('a project that asks for nothing has nothing to trust', async () => {
  using project = place()
  expect((await project.run(['trust'])).stdout).toBe(
    'tracespec.yaml asks for no variable and for no other host: there is nothing to trust.\n',
  )
})

test('what is not trusted is told a program in one line', async () => {
  await using server = await empty()
  using project = cloned(server)
  const { code, stdout } = await project.run(['trust', '--json'])
  expect([code, JSON.parse(stdout)]).toMatchObject([
    2,
    {
      summary:
        'Error: tracespec.yaml: backend jaeger sends ${AWS_SECRET_ACCESS_KEY} to this machine',
      error: { code: 'NOT_TRUSTED' },
    },
  ])
})

test.for<readonly [string, string]>([
  ['postgres://me:s3cret@127.0.0.1/traces', 'what --from names is the URL of a database'],
  ['clickhouse://me:s3cret@127.0.0.1', 'what --from names is no http or https URL'],
  ['https://me:s3cret@127.0.0.1', 'what --from names holds a user or a password'],
  [
    'https://127.0.0.1/?token=s3cret',
    'what --from names holds more than a host, a port and a path',
  ],
])('--from %s is refused, and its password is not repeated', async ([url, told]) => {
  verifies('P-27')
  using project = place()
  const { code, stdout, stderr } = await project.run(['traces', '--from', url])
  expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `tracespec: ${told}`])
  expect(stderr).not.toContain('s3cret')
})

test('a URL on the command line gets nothing of what the project knows', async () => {
  await using server = await empty()
  using project = cloned(server)
  const args = ['show', `trace:${TRACE_ID}`, '--from', server.url.href, '--wait', '0']
  const { stderr } = await project.run(args, {
    env: { AWS_SECRET_ACCESS_KEY: 's3cret', TRACESPEC_TRUST: '1' },
  })
  expect(stderr).toContain('has no trace')
  expect(server.asked.some(({ headers }) => 'x-key' in headers)).toBe(false)
})
