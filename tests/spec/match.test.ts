import { expect, test } from 'vitest'
import { compileMatcher, showMatcher } from '../../src/spec/match.ts'
import type { Matcher } from '../../src/spec/spec.ts'
import type { AttributeValue } from '../../src/trace/span.ts'
import { cpuMsOf } from './cpu-time.ts'

type Row = readonly [
  Matcher,
  readonly (AttributeValue | undefined)[],
  readonly (AttributeValue | undefined)[],
]

const bytes = new Uint8Array([1, 2])
const map = new Map<string, AttributeValue>([['k', 1n]])
const everything = ['', 'a', true, 1n, 1.5, bytes, ['a'], map, null] as const

const rows: readonly Row[] = [
  [{ kind: 'present' }, everything, [undefined]],
  [{ kind: 'exists', value: true }, everything, [undefined]],
  [{ kind: 'exists', value: false }, [undefined], everything],

  [{ kind: 'eq', value: 'a' }, ['a'], ['A', 'a ', '', ['a'], null, undefined]],
  [{ kind: 'eq', value: '201' }, ['201'], [201n, 201, '201.0']],
  [
    { kind: 'eq', value: 201 },
    [201n, 201, '201'],
    ['201.0', ' 201', '0201', '2.01e2', 202n, true, null, undefined],
  ],
  [{ kind: 'eq', value: 0 }, [0n, 0, -0, '0'], ['-0', '', false, null]],
  [{ kind: 'eq', value: 0.5 }, [0.5, '0.5'], ['.5', '0.50', 0n]],
  [{ kind: 'eq', value: 1e21 }, [1e21, 10n ** 21n, '1e+21'], ['1000000000000000000001', '1e21']],
  [
    { kind: 'eq', value: 9007199254740993n },
    [9007199254740993n, '9007199254740993'],
    [9007199254740992, 9007199254740992n, 9007199254740994, '9007199254740992'],
  ],
  [{ kind: 'eq', value: 9007199254740992 }, [9007199254740992n], [9007199254740993n]],
  [{ kind: 'eq', value: true }, [true, 'true'], ['True', 1n, false, undefined]],

  [{ kind: 'ne', value: 'a' }, ['b', 1n, null, ['a']], ['a', undefined]],
  [{ kind: 'ne', value: 201 }, [202n, '201.0'], [201n, 201, '201', undefined]],

  [
    { kind: 'in', values: ['a', 2, false] },
    ['a', 2n, 2, '2', false, 'false'],
    ['b', 3n, true, undefined],
  ],

  [
    { kind: 'gt', value: 3 },
    [4n, 3.1, '4', Infinity],
    [3n, 3, '3', '4.0', 'a', true, NaN, null, undefined],
  ],
  [{ kind: 'gte', value: 3 }, [3n, 3, '3'], [2n, 2.9, undefined]],
  [{ kind: 'lt', value: 3 }, [2n, '-1', -Infinity], [3, '', NaN, undefined]],
  [{ kind: 'lte', value: 9007199254740992n }, [9007199254740992n], [9007199254740993n]],
  [{ kind: 'gt', value: 9007199254740992 }, [9007199254740993n], [9007199254740992n]],
  [{ kind: 'lt', value: 'b' }, ['a', 'B', ''], ['b', 'c', 1n, true, undefined]],
  [{ kind: 'gte', value: '10' }, ['10', '9'], ['1', 11n]],

  [
    { kind: 'glob', pattern: 'payment.*' },
    ['payment.', 'payment.a/b\nc'],
    ['payment', 'a payment.x', 'Payment.x', undefined],
  ],
  [{ kind: 'glob', pattern: '*' }, ['', 'a', 1n, true], [['a'], bytes, null, undefined]],
  [{ kind: 'glob', pattern: 'a*b*c' }, ['abc', 'axbxc', 'abbcbc'], ['ab', 'acb', 'xabc']],
  [{ kind: 'glob', pattern: 'ab*ba' }, ['abba', 'ab ba'], ['aba', 'ab']],
  [{ kind: 'glob', pattern: 'a?b' }, ['a?b'], ['axb']],
  [{ kind: 'glob', pattern: '[ab]**' }, ['[ab]', '[ab]c'], ['a', 'b']],
  [{ kind: 'glob', pattern: '2*' }, [201n, '2'], [102n]],

  [{ kind: 'regex', pattern: 'el' }, ['hello'], ['HELLO', 'hl', undefined]],
  [{ kind: 'regex', pattern: '^SELECT \\*' }, ['SELECT * FROM t'], [' SELECT *', 'SELECT a']],
  [{ kind: 'regex', pattern: '(?i)^a$' }, ['A'], ['ab']],
  [{ kind: 'regex', pattern: '^5' }, [503n, '5'], [404n, null]],

  [
    { kind: 'template', pattern: 'GET /users/{id}' },
    ['GET /users/1', 'GET /users/a b'],
    ['GET /users/', 'GET /users/1/x', 'GET /users', 'xGET /users/1', undefined],
  ],
  [{ kind: 'template', pattern: '/{a}/{b}' }, ['/1/2'], ['/1', '//2', '/1/2/3']],
  [
    { kind: 'template', pattern: '/v{n}.{m}/x' },
    ['/v1.2/x', '/v1.2.3/x'],
    ['/v1./x', '/v.2/x', '/v12/x', '/v1.2/y'],
  ],
  [{ kind: 'template', pattern: '/users' }, ['/users'], ['/users/1', '/user']],

  [{ kind: 'type', type: 'string' }, ['201', ''], [201n, undefined]],
  [{ kind: 'type', type: 'bool' }, [true], ['true']],
  [{ kind: 'type', type: 'int' }, [201n], [201, '201']],
  [{ kind: 'type', type: 'double' }, [201, NaN], [201n]],
  [{ kind: 'type', type: 'bytes' }, [bytes], [['a']]],
  [{ kind: 'type', type: 'array' }, [[], ['a']], [bytes, map]],
  [{ kind: 'type', type: 'map' }, [map], [['a'], null]],

  [
    { kind: 'contains', value: 'ell' },
    ['hello', ['ell']],
    ['HELL', ['hello'], map, bytes, undefined],
  ],
  [{ kind: 'contains', value: 2 }, [[1n, 2n], ['2'], 'a2b'], [[1n], ['2.0'], 2n, undefined]],
  [{ kind: 'contains', value: true }, [[true], ['true'], 'is true'], [[1n], undefined]],

  [
    { kind: 'length', length: { kind: 'eq', value: 2 } },
    ['ab', '👍a', ['a', 'b'], bytes],
    ['👍', map, 22n, null, undefined],
  ],
  [
    { kind: 'length', length: { kind: 'gt', value: 0 } },
    ['a', ['a'], map, bytes],
    ['', [], new Map(), new Uint8Array()],
  ],

  [
    {
      kind: 'all',
      of: [
        { kind: 'gte', value: 200 },
        { kind: 'lt', value: 300 },
        { kind: 'type', type: 'int' },
      ],
    },
    [200n, 299n],
    [300n, 250, '250', undefined],
  ],
]

test.for(rows.map(([matcher, yes, no]) => ({ name: showMatcher(matcher), matcher, yes, no })))(
  'what matches $name',
  ({ matcher, yes, no }) => {
    const test = compileMatcher(matcher)
    expect({ yes: yes.filter((value) => !test(value)), no: no.filter(test) }).toEqual({
      yes: [],
      no: [],
    })
  },
)

test.for<[Matcher, string | number | boolean]>([
  [{ kind: 'present' }, 'present'],
  [{ kind: 'eq', value: 'a' }, 'a'],
  [{ kind: 'eq', value: 3 }, 3],
  [{ kind: 'eq', value: 9007199254740993n }, '9007199254740993'],
  [{ kind: 'ne', value: true }, '!= true'],
  [{ kind: 'gte', value: 3 }, '>= 3'],
  [{ kind: 'lt', value: 'a' }, '< "a"'],
  [{ kind: 'in', values: [1, 'a'] }, 'one of 1, "a"'],
  [{ kind: 'glob', pattern: 'payment.*' }, 'glob "payment.*"'],
  [{ kind: 'exists', value: false }, 'absent'],
  [{ kind: 'type', type: 'int' }, 'type int'],
  [{ kind: 'contains', value: 'a' }, 'contains "a"'],
  [{ kind: 'length', length: { kind: 'gt', value: 2 } }, 'length > 2'],
  [
    {
      kind: 'all',
      of: [
        { kind: 'gt', value: 1 },
        { kind: 'lt', value: 3 },
      ],
    },
    '> 1 and < 3',
  ],
])('the matcher %# is shown in short', ([matcher, shown]) => {
  expect(showMatcher(matcher)).toBe(shown)
})

test.for<[string, Matcher]>([
  ['glob', { kind: 'glob', pattern: `${'a*'.repeat(2000)}b` }],
  ['template', { kind: 'template', pattern: `/${'{x}a'.repeat(2000)}b` }],
  ['regex', { kind: 'regex', pattern: '(a*)*(a|aa)+b$' }],
])('a hostile %s takes linear time', ([, matcher]) => {
  const matches = compileMatcher(matcher)
  let matched = true
  const cpuMs = cpuMsOf(() => {
    matched = matches(`/${'a'.repeat(100_000)}c`)
  })
  expect(cpuMs).toBeLessThan(2000)
  expect(matched).toBe(false)
})
