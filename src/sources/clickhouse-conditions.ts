import { numberOf } from '../trace/canonical.ts'
import type { AttributeFilter, TraceQuery } from '../trace/query.ts'
import { statusCodes } from './clickhouse-columns.ts'

/** SQL with the values that it names, which are bound by the server and never stand in the text. */
export interface Bound {
  readonly sql: string
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * What is asked of one span. Nothing that is wanted is left out; only comparisons of attributes may let more through, since texts of
 * numbers are told from others by a stricter rule here.
 */
export function spanConditions(query: TraceQuery): Bound {
  const { service, operation, from, to, minDuration, maxDuration, status } = query
  return all([
    service === undefined ? any : { sql: 'ServiceName = {service:String}', values: { service } },
    operation === undefined ? any : { sql: 'SpanName = {operation:String}', values: { operation } },
    moment('Timestamp >= ', 'from', from),
    moment('Timestamp <= ', 'to', to),
    duration('toInt64(Duration) >= ', 'minDuration', minDuration),
    duration('toInt64(Duration) <= ', 'maxDuration', maxDuration),
    status === undefined
      ? any
      : {
          sql: 'toString(StatusCode) IN {status:Array(String)}',
          values: { status: statusCodes[status] },
        },
    ...(query.attributes ?? []).map(attributeCondition),
  ])
}

/** Whether `spanConditions` lets nothing else through. */
export function isExact({ attributes = [] }: TraceQuery): boolean {
  return attributes.length === 0
}

/** All of some conditions. */
export function all(conditions: readonly Bound[]): Bound {
  const sql = conditions.map((condition) => condition.sql).filter((text) => text !== any.sql)
  return {
    sql: sql.length === 0 ? any.sql : sql.join(' AND '),
    values: Object.fromEntries(conditions.flatMap(({ values }) => Object.entries(values))),
  }
}

const any: Bound = { sql: 'true', values: {} }

function moment(sql: string, name: string, value: bigint | undefined): Bound {
  if (value === undefined) return any
  return {
    sql: `${sql}fromUnixTimestamp64Nano({${name}:Int64}, 'UTC')`,
    values: { [name]: String(within64Bits(value)) },
  }
}

function duration(sql: string, name: string, value: bigint | undefined): Bound {
  if (value === undefined) return any
  return { sql: `${sql}{${name}:Int64}`, values: { [name]: String(within64Bits(value)) } }
}

const largest = 2n ** 63n - 1n

function within64Bits(value: bigint): bigint {
  if (value > largest) return largest
  return value < -largest ? -largest : value
}

/** Looked up in the span, then its resource. */
function attributeCondition({ name, compare, value }: AttributeFilter, at: number): Bound {
  const [key, asked] = [`{name${at}:String}`, `{value${at}:String}`]
  const kept = `if(mapContains(SpanAttributes, ${key}), SpanAttributes[${key}], ResourceAttributes[${key}])`
  const isThere = `(mapContains(SpanAttributes, ${key}) OR mapContains(ResourceAttributes, ${key}))`
  const operator = loosely[compare]
  const isOrdered = compare !== 'eq' && compare !== 'ne'
  // JavaScript orders texts by UTF-16, ClickHouse by bytes: equal where one of both is ASCII
  if (operator === undefined || (isOrdered && !isAscii(value))) {
    return { sql: isThere, values: { [`name${at}`]: name } }
  }
  const asText = `${kept} ${operator} ${asked}`
  const asNumber = `toFloat64OrNull(${kept}) ${operator} toFloat64(${asked})`
  const holds = numberOf(value) === undefined ? asText : `(${asText} OR ifNull(${asNumber}, false))`
  return {
    sql: `${isThere} AND ${holds}`,
    values: { [`name${at}`]: name, [`value${at}`]: value },
  }
}

/** Doubles round, so that a bound is taken with what lies on it; that two differ is told here. */
const loosely: Readonly<Record<AttributeFilter['compare'], string | undefined>> = {
  eq: '=',
  ne: undefined,
  gt: '>=',
  gte: '>=',
  lt: '<=',
  lte: '<=',
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}
