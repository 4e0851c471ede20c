import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import { errorClassOf } from '../../src/analyze/error-class.ts'
import type { ErrorClass } from '../../src/analyze/trace-analysis.ts'
import type { AttributeValue, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const failed = { code: 'error', message: '' } as const

interface Told {
  readonly origin: string
  readonly count: number
  readonly reached: string
  readonly absorbed_by: string | null
  readonly retry: unknown
  readonly path: readonly string[]
}

/** The chains by the names of their spans; a span that did not fail stands in brackets on the path. */
function chains(spans: readonly Span[]): readonly Told[] {
  const { errors } = analyzeTrace(buildTrace(spans), { limit: 100 })
  return errors.items.map((chain) => ({
    origin: chain.origin.name,
    count: chain.count,
    reached: chain.reached.name,
    absorbed_by: chain.absorbed_by?.name ?? null,
    retry: chain.retry,
    path: chain.path.items.map(({ span: { name }, failed: isFailed }) =>
      isFailed ? name : `(${name})`,
    ),
  }))
}

const node = (name: string, id: number, parent?: number): Span =>
  span({ id, name, start: id, end: 100, ...(parent === undefined ? {} : { parent }) })
const bad = (name: string, id: number, parent?: number): Span => ({
  ...node(name, id, parent),
  status: failed,
})
const call = (name: string, times: readonly [number, number], parent = 1): Span =>
  span({ id: times[0], name, parent, start: times[0], end: times[1], kind: 'client' })
const badCall = (name: string, times: readonly [number, number], parent = 1): Span => ({
  ...call(name, times, parent),
  status: failed,
})

const ways: readonly (readonly [string, readonly Span[], readonly Told[]])[] = [
  ['no error', [node('root', 1), node('a', 2, 1)], []],
  [
    'an error goes up to the root',
    [bad('root', 1), bad('a', 2, 1), bad('b', 3, 2)],
    [
      {
        origin: 'b',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: null,
        path: ['b', 'a', 'root'],
      },
    ],
  ],
  [
    'the deepest failed span is the origin though a span between says nothing',
    [bad('root', 1), node('a', 2, 1), bad('b', 3, 2)],
    [
      {
        origin: 'b',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: null,
        path: ['b', '(a)', 'root'],
      },
    ],
  ],
  [
    'an absorbed error comes after one that reached the root, however deep it is',
    [bad('root', 1), node('a', 2, 1), node('b', 3, 2), bad('x', 4, 1), bad('y', 9, 44)].concat(
      bad('deep', 5, 3),
    ),
    [
      {
        origin: 'deep',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: null,
        path: ['deep', '(b)', '(a)', 'root'],
      },
      {
        origin: 'x',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: null,
        path: ['x', 'root'],
      },
      { origin: 'y', count: 1, reached: 'y', absorbed_by: null, retry: null, path: ['y'] },
    ],
  ],
  [
    'an attempt that a later one makes good',
    [node('root', 1), badCall('GET', [10, 20]), badCall('GET', [30, 40]), call('GET', [50, 60])],
    [
      {
        origin: 'GET',
        count: 2,
        reached: 'GET',
        absorbed_by: 'root',
        retry: { attempts: 3, succeeded: true },
        path: ['GET', '(root)'],
      },
    ],
  ],
  [
    'attempts that all failed, and what failed below each of them',
    [
      bad('root', 1),
      badCall('GET', [10, 20]),
      badCall('GET', [30, 40]),
      { ...bad('connect', 31, 30) },
    ],
    [
      {
        origin: 'connect',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: { attempts: 2, succeeded: false },
        path: ['connect', 'GET', 'root'],
      },
      {
        origin: 'GET',
        count: 1,
        reached: 'root',
        absorbed_by: null,
        retry: { attempts: 2, succeeded: false },
        path: ['GET', 'root'],
      },
    ],
  ],
  [
    'calls side by side are no attempts',
    [node('root', 1), badCall('GET', [10, 40]), call('GET', [20, 60])],
    [
      {
        origin: 'GET',
        count: 1,
        reached: 'GET',
        absorbed_by: 'root',
        retry: null,
        path: ['GET', '(root)'],
      },
    ],
  ],
]

test.for(ways)('%s', ([, spans, expected]) => {
  verifies('P-11')
  expect(chains(spans)).toEqual(expected)
})

const thrown = (type: string, message: string): Partial<Span> => ({
  events: [
    {
      name: 'exception',
      time: nanosOf(1n),
      attributes: new Map([
        ['exception.type', type],
        ['exception.message', message],
      ]),
      droppedAttributesCount: 0,
    },
  ],
})
const tagged = (tags: Readonly<Record<string, AttributeValue>>): Partial<Span> => ({
  attributes: new Map(Object.entries(tags)),
})
const said = (message: string): Partial<Span> => ({ status: { code: 'error', message } })

const classes: readonly (readonly [string, Partial<Span>, Partial<ErrorClass>])[] = [
  ['nothing', {}, { category: 'unspecified' }],
  [
    'an exception',
    thrown('TypeError', 'x is undefined'),
    { category: 'exception', exception_type: 'TypeError', description: 'x is undefined' },
  ],
  [
    'a timeout by its type',
    thrown('java.net.SocketTimeoutException', 'Read timed out'),
    {
      category: 'timeout',
      exception_type: 'java.net.SocketTimeoutException',
      description: 'Read timed out',
    },
  ],
  [
    'a timeout by its message',
    said('ETIMEDOUT'),
    { category: 'timeout', description: 'ETIMEDOUT' },
  ],
  [
    'a refused connection',
    tagged({ 'error.type': 'ECONNREFUSED' }),
    { category: 'unavailable', exception_type: 'ECONNREFUSED' },
  ],
  [
    'an aborted request',
    thrown('AbortError', ''),
    { category: 'cancelled', exception_type: 'AbortError' },
  ],
  [
    'HTTP 500',
    tagged({ 'http.response.status_code': 500n, 'error.type': '500' }),
    { category: 'server_error', http_status: 500, exception_type: '500' },
  ],
  [
    'HTTP 404 under its old name',
    tagged({ 'http.status_code': 404 }),
    { category: 'client_error', http_status: 404 },
  ],
  [
    'HTTP 504 as text',
    tagged({ 'http.status_code': '504' }),
    { category: 'timeout', http_status: 504 },
  ],
  [
    'HTTP 503',
    tagged({ 'http.response.status_code': 503n }),
    { category: 'unavailable', http_status: 503 },
  ],
  [
    'an exception behind HTTP 200',
    { ...tagged({ 'http.response.status_code': 200n }), ...thrown('ParseError', 'bad JSON') },
    {
      category: 'exception',
      http_status: 200,
      exception_type: 'ParseError',
      description: 'bad JSON',
    },
  ],
  [
    'gRPC by its number',
    tagged({ 'rpc.grpc.status_code': 4n }),
    { category: 'timeout', rpc_status: 'DEADLINE_EXCEEDED' },
  ],
  [
    'gRPC by its name',
    tagged({ 'rpc.response.status_code': 'UNAVAILABLE' }),
    { category: 'unavailable', rpc_status: 'UNAVAILABLE' },
  ],
  [
    'the status of another RPC system',
    tagged({ 'rpc.response.status_code': '-32601' }),
    { category: 'unspecified', rpc_status: '-32601' },
  ],
]

test.for(classes)('the class of %s', ([, given, expected]) => {
  verifies('P-11')
  const nothing = {
    category: 'unspecified',
    exception_type: null,
    http_status: null,
    rpc_status: null,
    description: '',
  }
  expect(errorClassOf({ ...span({ id: 1, status: failed }), ...given })).toEqual({
    ...nothing,
    ...expected,
  })
})

test('a response of 500 is an error though nobody set the status; one of 404 and one marked ok are none', () => {
  const http = (id: number, status: bigint, code: 'unset' | 'ok' = 'unset'): Span =>
    span({
      id,
      name: String(status),
      attributes: new Map([['http.response.status_code', status]]),
      status: { code, message: '' },
    })
  expect(
    chains([http(1, 500n), http(2, 404n), http(3, 503n, 'ok')]).map((one) => one.origin),
  ).toEqual(['500'])
})
