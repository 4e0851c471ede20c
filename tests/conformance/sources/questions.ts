import type { AttributeFilter, TraceQuery } from '../../../src/trace/query.ts'
import type { AttributeValue, Span } from '../../../src/trace/span.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import { traceOf } from './traces.ts'

const statuses = ['unset', 'ok', 'error'] as const

/** The six traces that the questions are about: number 5 is the newest, and 10 ms longer than number 4. */
export function numberedTraces(service: string): readonly (readonly Span[])[] {
  return [0, 1, 2, 3, 4, 5].map((number) =>
    traceOf({
      service,
      operation: number % 2 === 0 ? 'get /items' : 'post /orders',
      ageMs: (6 - number) * 60_000,
      durationMs: (number + 1) * 10,
      status: { code: statuses[number % 3] ?? 'unset', message: '' },
      attributes: new Map<string, AttributeValue>([
        ['note', `n${number}`],
        ['http.response.status_code', BigInt(number * 100)],
        ['cart.total', number + 0.5],
        ['user.vip', number > 3],
      ]),
      resource: new Map([
        ['deployment.environment.name', number < 3 ? 'test' : 'prod'],
        ...(number === 4 ? [['tracespec.run.id', `run-${service}`] as const] : []),
      ]),
    }),
  )
}

export interface Question {
  readonly story: string
  readonly query: (of: Asked) => Partial<TraceQuery>
  /** The numbers of the traces, newest first. */
  readonly found: readonly number[]
}

export interface Asked {
  readonly service: string
  /** When the server's span of a trace began. */
  readonly startOf: (number: number) => Span['start']
}

const millis = (count: number): Span['start'] => nanosOf(BigInt(count) * 1_000_000n)
const of =
  (...attributes: readonly AttributeFilter[]): Question['query'] =>
  () => ({ attributes })

/** One for each part of a query, and for each comparison. */
export const questions: readonly Question[] = [
  { story: 'operation', query: () => ({ operation: 'post /orders' }), found: [5, 3, 1] },
  {
    story: 'the begin of a time',
    query: ({ startOf }) => ({ from: startOf(3) }),
    found: [5, 4, 3],
  },
  { story: 'the end of a time', query: ({ startOf }) => ({ to: startOf(2) }), found: [2, 1, 0] },
  {
    story: 'a time',
    query: ({ startOf }) => ({ from: startOf(1), to: startOf(4) }),
    found: [4, 3, 2, 1],
  },
  { story: 'a shortest duration', query: () => ({ minDuration: millis(40) }), found: [5, 4, 3] },
  { story: 'a longest duration', query: () => ({ maxDuration: millis(30) }), found: [2, 1, 0] },
  {
    story: 'two durations',
    query: () => ({ minDuration: millis(30), maxDuration: millis(40) }),
    found: [3, 2],
  },
  { story: 'errors', query: () => ({ status: 'error' }), found: [5, 2] },
  { story: 'status ok', query: () => ({ status: 'ok' }), found: [4, 1] },
  { story: 'no status', query: () => ({ status: 'unset' }), found: [3, 0] },
  { story: 'run', query: ({ service }) => ({ runId: `run-${service}` }), found: [4] },
  {
    story: 'all parts at once',
    query: ({ startOf }) => ({
      operation: 'post /orders',
      from: startOf(2),
      minDuration: millis(20),
      status: 'error',
      attributes: [{ name: 'note', compare: 'eq', value: 'n5' }],
    }),
    found: [5],
  },
  { story: 'a text', query: of({ name: 'note', compare: 'eq', value: 'n3' }), found: [3] },
  {
    story: 'another text',
    query: of({ name: 'note', compare: 'ne', value: 'n3' }),
    found: [5, 4, 2, 1, 0],
  },
  { story: 'a later text', query: of({ name: 'note', compare: 'gt', value: 'n3' }), found: [5, 4] },
  {
    story: 'an integer',
    query: of({ name: 'http.response.status_code', compare: 'eq', value: '400' }),
    found: [4],
  },
  {
    story: 'a larger integer',
    query: of({ name: 'http.response.status_code', compare: 'gte', value: '400' }),
    found: [5, 4],
  },
  {
    story: 'a smaller integer',
    query: of({ name: 'http.response.status_code', compare: 'lt', value: '100' }),
    found: [0],
  },
  {
    story: 'a number',
    query: of({ name: 'cart.total', compare: 'eq', value: '2.5' }),
    found: [2],
  },
  {
    story: 'a smaller number',
    query: of({ name: 'cart.total', compare: 'lte', value: '1.5' }),
    found: [1, 0],
  },
  {
    story: 'a boolean',
    query: of({ name: 'user.vip', compare: 'eq', value: 'true' }),
    found: [5, 4],
  },
  {
    story: 'an attribute of the resource',
    query: of({ name: 'deployment.environment.name', compare: 'eq', value: 'test' }),
    found: [2, 1, 0],
  },
  {
    story: 'two attributes',
    query: of(
      { name: 'user.vip', compare: 'eq', value: 'false' },
      { name: 'cart.total', compare: 'gt', value: '2' },
    ),
    found: [3, 2],
  },
  {
    story: 'an attribute that none has',
    query: of({ name: 'nope', compare: 'ne', value: '1' }),
    found: [],
  },
]

/** Names that break out of queries, addresses and patterns that are put together as texts. */
export const hostileNames: readonly string[] = [
  `it's "quoted" \\ back`,
  `' OR '1'='1' --`,
  '%_*?[a-z]+(.)',
  'a&b=c?d#e/f;g',
  '{x:String} ${HOME} $1',
  'über 漢字 🙂',
  'key=value and other',
  'two  spaces\tand\na line',
  '0',
]
