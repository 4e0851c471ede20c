import type { AttributeFilter, TraceQuery } from '../trace/query.ts'
import { runAttribute } from '../trace/run-attribute.ts'

/**
 * A query in TraceQL (https://grafana.com/docs/tempo/latest/traceql/), which finds at least what the query does: time is no part
 * of it, and comparisons of attributes are left to be done by value where TraceQL compares by type.
 */
export function traceQlOf(query: TraceQuery): string {
  const ofSpan = [...conditionsOf(query), ...(query.attributes ?? []).map(attributeCondition)]
  const spans = `{ ${ofSpan.join(' && ')} }`
  const ofRun = query.runId === undefined ? '' : ` && { .${runAttribute} = ${quoted(query.runId)} }`
  return `${spans}${ofRun} with (most_recent=true)`
}

/** The same for servers that know neither the hint nor all of the scopes. */
export function plainTraceQlOf(query: TraceQuery): string {
  return `{ ${conditionsOf(query).join(' && ')} }`
}

function conditionsOf(query: TraceQuery): readonly string[] {
  const { service, operation, status, minDuration, maxDuration } = query
  return [
    ...(service === undefined || service === ''
      ? []
      : [`resource.service.name = ${quoted(service)}`]),
    ...(operation === undefined ? [] : [`name = ${quoted(operation)}`]),
    ...(status === undefined ? [] : [`status = ${status}`]),
    ...(minDuration === undefined ? [] : [`duration >= ${minDuration}ns`]),
    ...(maxDuration === undefined ? [] : [`duration <= ${maxDuration}ns`]),
  ]
}

/** `.name` is an attribute of the span or of its resource. */
function attributeCondition({ name, compare, value }: AttributeFilter): string {
  const literals = compare === 'eq' ? literalsOf(value) : undefined
  const conditions = ['.', 'instrumentation.'].flatMap((scope) => {
    const attribute = `${scope}${nameOf(name)}`
    if (literals === undefined) return [`${attribute} != nil`]
    return literals.map((literal) => `${attribute} = ${literal}`)
  })
  return `(${conditions.join(' || ')})`
}

/**
 * A text may be that of a number or a boolean, and TraceQL finds each type by a literal of its own. Undefined for a number that is
 * written in another way: whatever is there is found then.
 */
function literalsOf(value: string): readonly string[] | undefined {
  if (/^(?:true|false)$/.test(value)) return [quoted(value), value]
  if (/^-?\d{1,15}$/.test(value)) return [quoted(value), value, `${value}.0`]
  if (/^-?\d{1,8}\.\d{1,6}$/.test(value)) return [quoted(value), value]
  return Number.isNaN(Number(value)) && value !== 'NaN' ? [quoted(value)] : undefined
}

/** A text as TraceQL and Go read it; what is no character cannot be searched. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}

function nameOf(name: string): string {
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) &&
    !/^(?:span|resource|parent|event|link|instrumentation)\b/.test(name)
  return isPlain ? name : quoted(name)
}
