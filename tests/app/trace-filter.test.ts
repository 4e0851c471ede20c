import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinedFilters, parseTraceFilter, type TraceFilter } from '../../src/app/trace-filter.ts'
import { Fault } from '../../src/trace/fault.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { verifies } from '../verifies.ts'

const now = nanosOf(BigInt(Date.parse('2026-11-20T12:00:00Z')) * 1_000_000n)

function ms(value: number): ReturnType<typeof nanosOf> {
  return nanosOf(BigInt(Math.round(value * 1e6)))
}

function at(text: string): ReturnType<typeof nanosOf> {
  return nanosOf(BigInt(Date.parse(text)) * 1_000_000n)
}

const meant: readonly (readonly [string, TraceFilter])[] = [
  ['', {}],
  [' \n ', {}],
  ['service=shop', { service: 'shop' }],
  ['service_name = "my shop"', { service: 'my shop' }],
  ['service!=shop', { attributes: [{ name: 'service.name', compare: 'ne', value: 'shop' }] }],
  ['operation="POST /checkout"', { operation: 'POST /checkout' }],
  ["operation_name='it''s'".replace("''", "\\'"), { operation: "it's" }],
  ['status=error', { status: 'error' }],
  ['duration>100ms', { minDuration: nanosOf(100_000_001n) }],
  ['duration>=100ms', { minDuration: ms(100) }],
  ['duration<1.5s', { maxDuration: nanosOf(1_499_999_999n) }],
  ['duration<=0.000001ms', { maxDuration: nanosOf(1n) }],
  ['duration=7us', { minDuration: ms(0.007), maxDuration: ms(0.007) }],
  [
    'duration>=1s duration>=2s duration<1h',
    { minDuration: ms(2000), maxDuration: nanosOf(3_599_999_999_999n) },
  ],
  ['run=run:r-1', { runId: 'r-1' }],
  [
    'from=2026-11-20 to=2026-11-20T14:30:00+02:00',
    { from: at('2026-11-20'), to: at('2026-11-20T12:30:00Z') },
  ],
  ['since=10m', { from: at('2026-11-20T11:50:00Z') }],
  ['since=2026-11-20 until=2026-11-21', { from: at('2026-11-20'), to: at('2026-11-21') }],
  ['since=1h from=2026-11-20T11:30:00Z', { from: at('2026-11-20T11:30:00Z') }],
  [
    'http.route="/checkout" http.response.status_code>=500 user=a=b',
    {
      attributes: [
        { name: 'http.route', compare: 'eq', value: '/checkout' },
        { name: 'http.response.status_code', compare: 'gte', value: '500' },
        { name: 'user', compare: 'eq', value: 'a=b' },
      ],
    },
  ],
  [
    '"service"=x "a \\"b"!=""',
    {
      attributes: [
        { name: 'service', compare: 'eq', value: 'x' },
        { name: 'a "b', compare: 'ne', value: '' },
      ],
    },
  ],
  ...['user', 'state', 'server', 'status.code', '"serivce"', '"limit"'].map(
    (name): readonly [string, TraceFilter] => [
      `${name}=x`,
      { attributes: [{ name: name.replaceAll('"', ''), compare: 'eq', value: 'x' }] },
    ],
  ),
  ['constructor=x', { attributes: [{ name: 'constructor', compare: 'eq', value: 'x' }] }],
  ['service=shop service=shop', { service: 'shop' }],
]

test.for(meant)('%s is understood', ([text, filter]) => {
  verifies('P-06')
  expect(parseTraceFilter(text, now)).toEqual(filter)
})

const refused: readonly (readonly [string, string, string])[] = [
  [
    'service=shop limit=5',
    'at character 14, limit=5: limit is given beside the filter and not in it',
    '"limit"=VALUE for an attribute',
  ],
  ['serivce=shop', 'serivce is no field of a trace', 'service=shop, or as "serivce"=shop for an'],
  ['durations>1s', 'durations is no field of a trace', 'duration>1s, or as "durations">1s'],
  ['shop', 'at character 1, shop: after a name comes =, !=, >, >=, < or <=', 'shop=VALUE'],
  ['service=shop =x', 'at character 14, =x: a term begins with a name', 'service=shop status'],
  ['service=', 'at character 1, service=: after = comes a value', 'service=VALUE, in quotes'],
  ['service==shop', 'at character 1, service==shop: after = comes a value', 'service=VALUE'],
  [
    'a=1 service>shop',
    'at character 5, service>shop: service takes = and no other',
    'service=shop',
  ],
  ['status!=error', 'status takes = and no other comparison', 'status=error'],
  ['status=failed', 'status is one of error, ok, unset', 'status=error'],
  ['duration>100', 'a duration is a number with one of the units ns, us', 'duration>100ms'],
  ['duration>-1ms', 'a duration is a number', 'duration>100ms'],
  ['duration>1 ms', 'at character 12, ms: after a name comes', 'ms=VALUE'],
  ['duration<0ms', 'no span is shorter than nothing', 'duration<100ms'],
  ['duration!=1ms', 'duration takes =, >, >=, < or <=', 'duration>=100ms'],
  ['duration>2s duration<1s', 'no span has a duration within these bounds', 'service=shop'],
  ['since=yesterday', 'a duration is a number', 'since=10m'],
  [
    'from=2026-11-20T14:30:00',
    'a moment is a date, or a date and a time with its zone',
    'from=2026-11-20T14:30:00Z',
  ],
  ['to=2026-13-40', 'a moment is a date', 'to=2026-11-20T14:30:00Z'],
  [
    'from=2026-11-21 to=2026-11-20',
    'at character 17, to=2026-11-20: nothing is from after to',
    'service=shop',
  ],
  [
    'service=a service=b',
    'at character 11, service=b: service is asked to be a and b',
    'service=shop',
  ],
  [
    'http.route="/x',
    'at character 12, "/x: a quote is opened and not closed',
    'http.route="/checkout"',
  ],
  ['http.route=/"x"', 'a quote stands inside a word', 'http.route="/checkout"'],
  ['a="b"c', 'after a quoted text comes a blank', 'service=shop'],
]

test.for(refused)('%s is refused at its place, with a right example', ([text, message, hint]) => {
  const fault = faultOf(() => parseTraceFilter(text, now))
  expect(fault.code).toBe('USAGE')
  expect(fault.message).toContain(message)
  expect(fault.hint).toContain(hint)
})

test.for([
  ['long', 'x'.repeat(5000)],
  ['many terms', Array.from({ length: 51 }, (_, i) => `a${i}=1`).join(' ')],
] as const)('a filter that is too %s is refused', ([, text]) => {
  expect(faultOf(() => parseTraceFilter(text, now)).message).toMatch(/^a filter has at most/)
})

test('every text is understood or refused as USAGE', () => {
  const part = fc.constantFrom(
    'service',
    'duration',
    'since',
    'from',
    'a.b',
    '=',
    '!=',
    '>',
    '<',
    '"',
    "'",
    '\\',
    ' ',
    '1ms',
    '10m',
    'é',
    '\n',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const fault = refusalOf(() => parseTraceFilter(text, now))
      expect([undefined, 'USAGE']).toContain(fault?.code)
      expect(fault?.hint).not.toBe('')
    }),
    { numRuns: 2000 },
  )
})

test('an attribute comes back as it was asked for, whatever is in it', () => {
  const compare = fc.constantFrom(...(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const))
  const signs = { eq: '=', ne: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' }
  const filters = fc.record({ name: fc.string({ minLength: 1 }), compare, value: fc.string() })
  const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, (one) => `\\${one}`)}"`
  fc.assert(
    fc.property(fc.array(filters, { minLength: 1, maxLength: 5 }), (attributes) => {
      const text = attributes
        .map(({ name, compare: by, value }) => `${quoted(name)}${signs[by]}${quoted(value)}`)
        .join(' ')
      expect(parseTraceFilter(text, now)).toEqual({ attributes })
    }),
  )
})

test('filters from several places join, and contradict each other by name', () => {
  const [a, b] = [
    parseTraceFilter('service=shop x=1', now),
    parseTraceFilter('y=2 duration>1s', now),
  ]
  expect(joinedFilters([a, b])).toEqual(parseTraceFilter('service=shop x=1 y=2 duration>1s', now))
  const fault = faultOf(() => joinedFilters([a, { service: 'till' }]))
  expect([fault.message, fault.hint]).toEqual([
    'service is asked to be shop and till',
    'leave one of them out',
  ])
})

function faultOf(work: () => unknown): Fault {
  const fault = refusalOf(work)
  if (fault === undefined) throw new Error('it was understood')
  return fault
}

function refusalOf(work: () => unknown): Fault | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
