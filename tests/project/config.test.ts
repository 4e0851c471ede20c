import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/project/config.ts'
import { configSchemaText } from '../../src/project/config-schema.ts'
import { Fault } from '../../src/trace/fault.ts'
import { verifies } from '../verifies.ts'
import { folder } from './folder.ts'

const published = readFileSync(
  fileURLToPath(new URL('../../schema/tracespec.schema.json', import.meta.url)),
  'utf8',
)
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  JSON.parse(published),
)

/** What a reader is told of a configuration; undefined when nothing is wrong. */
function complaint(text: string): string | undefined {
  using project = folder(text)
  try {
    readConfig(project.root, 'tracespec.yaml')
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

const whole = `
specs: specs
store: postgres://\${PGUSER}@db/traces
backends:
  jaeger: {}
  prod:
    type: jaeger
    endpoint: https://jaeger.example.com/base
    headers:
      X-Team: shop
    auth:
      bearer: \${TOKEN}
    tls:
      ca: certs/ca.pem
      cert: certs/me.pem
      key: certs/me.key
    tenant: shop
    timeout_ms: 5000
  archive:
    type: clickhouse
    endpoint: http://127.0.0.1:8123
    database: otel
    auth:
      basic:
        user: reader
        password: \${CLICKHOUSE_PASSWORD}
`

test('everything that may be said is read', () => {
  verifies('P-27')
  using project = folder(whole)
  const { specs, store, backends } = readConfig(project.root, 'tracespec.yaml')
  expect(specs).toBe('specs')
  expect(store?.written).toBe('postgres://${PGUSER}@db/traces')
  expect(
    backends.map(({ name, kind, endpoint, auth, timeoutMs }) => ({
      name,
      kind,
      endpoint: endpoint?.written,
      auth: auth?.kind,
      timeoutMs,
    })),
  ).toEqual([
    { name: 'jaeger', kind: 'jaeger', endpoint: undefined, auth: undefined, timeoutMs: undefined },
    {
      name: 'prod',
      kind: 'jaeger',
      endpoint: 'https://jaeger.example.com/base',
      auth: 'bearer',
      timeoutMs: 5000,
    },
    {
      name: 'archive',
      kind: 'clickhouse',
      endpoint: 'http://127.0.0.1:8123',
      auth: 'basic',
      timeoutMs: undefined,
    },
  ])
})

test.for(['', '# nothing\n', 'specs: here\n'])('%j is a configuration', (text) => {
  expect(complaint(text)).toBeUndefined()
})

interface Wrong {
  readonly story: string
  readonly text: string
  readonly says: readonly string[]
}

test.for<Wrong>([
  {
    story: 'an unknown key',
    text: 'spec: specs\n',
    says: ['tracespec.yaml:1:1: `spec` is not a field of tracespec.yaml. (did you mean `specs`?)'],
  },
  {
    story: 'an unknown key of a backend and a time that is none',
    text: 'backends:\n  jaeger:\n    endpont: http://a\n    timeout_ms: soon\n',
    says: [
      'tracespec.yaml:3:5: `endpont` is not a field of a backend. (did you mean `endpoint`?)',
      'tracespec.yaml:4:17: `timeout_ms` must be a whole number, not a text.',
    ],
  },
  {
    story: 'a type that is none',
    text: 'backends:\n  prod: { type: jeager }\n',
    says: [
      'tracespec.yaml:2:17: `type` must be one of jaeger, zipkin, tempo, clickhouse, xray, cloud-trace, azure-monitor, not `jeager`.',
    ],
  },
  {
    story: 'a backend without a type',
    text: 'backends:\n  prod: { endpoint: "http://a" }\n',
    says: [
      'tracespec.yaml:2:3: The backend `prod` has no type. (add type: jaeger, zipkin, tempo, clickhouse, xray, cloud-trace, azure-monitor)',
    ],
  },
  {
    story: 'two sorts of credentials',
    text: 'backends:\n  jaeger:\n    auth: { bearer: a, basic: { user: b, password: c } }\n',
    says: ['tracespec.yaml:3:11: One of `bearer` and `basic` is enough.'],
  },
  {
    story: 'credentials in two places',
    text: 'backends:\n  jaeger:\n    auth: { bearer: a }\n    headers: { Authorization: b }\n',
    says: ['tracespec.yaml:4:31: `auth` gives this header already.'],
  },
  {
    story: 'headers that are none',
    text: 'backends:\n  jaeger:\n    headers: { "X Y": a, Host: b }\n',
    says: [
      'tracespec.yaml:3:16: No header that may be given has such a name.',
      'tracespec.yaml:3:26: No header that may be given has such a name.',
    ],
  },
  {
    story: 'half a key and no time',
    text: 'backends:\n  jaeger:\n    tls: { cert: a.pem }\n    timeout_ms: 0\n',
    says: [
      'tracespec.yaml:3:10: `cert` and `key` need each other.',
      'tracespec.yaml:4:17: `timeout_ms` is 1 to 3600000.',
    ],
  },
  {
    story: 'what the kind does not know',
    text: 'backends:\n  zipkin: { tenant: a, database: b, protocol: http }\n',
    says: [
      'tracespec.yaml:2:21: zipkin has no header for a tenant. (name it in headers)',
      'tracespec.yaml:2:47: zipkin is asked over http alone.',
      'tracespec.yaml:2:34: zipkin has no database and no table.',
    ],
  },
  {
    story: 'a name that leads elsewhere',
    text: 'backends:\n  "../x": { type: jaeger }\n',
    says: ['tracespec.yaml:2:3: A backend is named by letters, digits, - and _.'],
  },
  {
    story: 'variables without a name',
    text: 'backends:\n  jaeger:\n    headers: { X-Key: "${A-B}" }\n    tenant: "${"\n',
    says: [
      'tracespec.yaml:3:23: `X-Key` has a `${` that names no variable. (write ${NAME} for a variable of the environment, $${ for the characters ${)',
      'tracespec.yaml:4:13: `tenant` has a `${` that names no variable. (write ${NAME} for a variable of the environment, $${ for the characters ${)',
    ],
  },
  {
    story: 'a backend that is written twice',
    text: 'backends:\n  jaeger: {}\n  jaeger: {}\n',
    says: [
      'tracespec.yaml:3:3: The key `jaeger` is written twice in the same object. (it already stands in line 2)',
    ],
  },
  {
    story: 'an alias of itself',
    text: 'backends: &a\n  jaeger: *a\n',
    says: [
      'tracespec.yaml:2:11: The alias `*a` stands inside the value that it names. (for a text that begins with `*` write "*a" in quotes)',
      'tracespec.yaml:2:11: `jaeger` must be an object, not nothing. (write { type: jaeger, endpoint: "http://127.0.0.1:16686" })',
    ],
  },
])('$story is refused at its place', ({ text, says }) => {
  verifies('P-27')
  expect(complaint(text)?.split('\n').toSorted()).toEqual(says.toSorted())
})

test('a configuration that a link leads to outside the project is refused', () => {
  using project = folder('')
  using other = folder('specs: specs\n')
  project.link('link.yaml', `${other.root}/tracespec.yaml`)
  expect(() => readConfig(project.root, 'link.yaml')).toThrow(
    expect.objectContaining({ code: 'PATH_OUTSIDE' }),
  )
})

test('the published schema is the one that the file is read by', () => {
  expect(published).toBe(configSchemaText())
  validate(parse(whole))
  expect(validate.errors).toBeNull()
  expect(validate({ spec: 'specs' })).toBe(false)
})
