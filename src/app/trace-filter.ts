import { nearest } from '../spec/suggest.ts'
import { Fault } from '../trace/fault.ts'
import type { AttributeFilter, Comparison, TraceQuery } from '../trace/query.ts'
import type { StatusCode } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { EXAMPLE, filterTerms, termFault, type FilterTerm } from './filter-terms.ts'
import { durationIn, durationUnits, momentIn } from './moment.ts'

/** What a filter asks of a trace; how many are wanted is said elsewhere. */
export type TraceFilter = Omit<TraceQuery, 'limit' | 'cursor'>

/**
 * Reads `service=shop status=error duration>100ms http.route="/checkout" since=10m`: terms that must all hold for one span. A name
 * that is no field is an attribute; in quotes it always is. `now` is what `since` counts from. A Fault USAGE names the place of what
 * cannot be meant and shows what can.
 */
export function parseTraceFilter(text: string, now: Nanos): TraceFilter {
  return filterTerms(text).reduce<TraceFilter>(
    (filter, term) => joinedFilters([filter, readTerm(term, now)], term),
    {},
  )
}

/** The filters as one, that all must hold. A Fault USAGE where two cannot hold together. */
export function joinedFilters(filters: readonly TraceFilter[], term?: FilterTerm): TraceFilter {
  return filters.reduce((one, other) => joined(one, other, term), {})
}

const FIELDS: Readonly<Record<string, (term: FilterTerm, now: Nanos) => TraceFilter>> = {
  service: serviceTerm,
  service_name: serviceTerm,
  operation: operationTerm,
  operation_name: operationTerm,
  status: statusTerm,
  duration: durationTerm,
  run: (term) => ({ runId: exact(term, 'run=r-0123456789abc').replace(/^run:/, '') }),
  from: (term) => ({ from: moment(term) }),
  to: (term) => ({ to: moment(term) }),
  until: (term) => ({ to: moment(term) }),
  since: (term, now) => ({ from: sinceOf(term, now) }),
}

function readTerm(term: FilterTerm, now: Nanos): TraceFilter {
  if (term.isQuoted) return attributeTerm(term)
  const read = Object.hasOwn(FIELDS, term.name) ? FIELDS[term.name] : undefined
  if (read !== undefined) return read(term, now)
  refuseMeantOtherwise(term)
  return attributeTerm(term)
}

/** What would find nothing without a word: a mistyped field, and what is no part of a filter. */
function refuseMeantOtherwise(term: FilterTerm): void {
  const { name, value } = term
  if (name === 'limit' || name === 'cursor') {
    const example = `"${name}"=VALUE for an attribute of this name`
    throw termFault(term, `${name} is given beside the filter and not in it`, example)
  }
  if (name.length < 6 || name.includes('.')) return
  const meant = nearest(name, ['service', 'operation', 'duration', 'status'])
  if (meant === undefined) return
  const sign = SIGNS[term.compare]
  const example = `${meant}${sign}${value}, or as "${name}"${sign}${value} for an attribute`
  throw termFault(term, `${name} is no field of a trace`, example)
}

function serviceTerm(term: FilterTerm): TraceFilter {
  if (term.compare === 'ne') return attributeTerm({ ...term, name: 'service.name' })
  return { service: exact(term, 'service=shop') }
}

function operationTerm(term: FilterTerm): TraceFilter {
  return { operation: exact(term, 'operation="POST /checkout"') }
}

function attributeTerm({ name, compare, value }: FilterTerm): TraceFilter {
  const filter: AttributeFilter = { name, compare, value }
  return { attributes: [filter] }
}

const STATUSES: readonly StatusCode[] = ['error', 'ok', 'unset']

function statusTerm(term: FilterTerm): TraceFilter {
  const value = exact(term, 'status=error')
  const status = STATUSES.find((known) => known === value)
  if (status !== undefined) return { status }
  throw termFault(term, `status is one of ${STATUSES.join(', ')}`, 'status=error')
}

function durationTerm(term: FilterTerm): TraceFilter {
  const duration = durationOf(term, term.value)
  return durationRange(term, duration)
}

/** Bounds hold themselves, to the nanosecond. */
function durationRange(term: FilterTerm, duration: Nanos): TraceFilter {
  switch (term.compare) {
    case 'eq':
      return { minDuration: duration, maxDuration: duration }
    case 'gt':
      return { minDuration: nanosOf(duration + 1n) }
    case 'gte':
      return { minDuration: duration }
    case 'lte':
      return { maxDuration: duration }
    case 'lt':
      if (duration > 0n) return { maxDuration: nanosOf(duration - 1n) }
      throw termFault(term, 'no span is shorter than nothing', 'duration<100ms')
    case 'ne':
      throw termFault(term, 'duration takes =, >, >=, < or <=', 'duration>=100ms')
  }
}

function durationOf(term: FilterTerm, text: string, usual = '100ms'): Nanos {
  const duration = durationIn(text)
  if (duration !== undefined) return duration
  const example = `${term.name}${SIGNS[term.compare]}${usual}`
  throw termFault(
    term,
    `a duration is a number with one of the units ${durationUnits.join(', ')}`,
    example,
  )
}

/** So long ago, or a moment. */
function sinceOf(term: FilterTerm, now: Nanos): Nanos {
  const text = exact(term, 'since=10m')
  return /^\d{4}-/.test(text) ? moment(term) : nanosOf(now - durationOf(term, text, '10m'))
}

function moment(term: FilterTerm): Nanos {
  const example = `${term.name}=2026-11-20T14:30:00Z`
  const at = momentIn(exact(term, example))
  if (at !== undefined) return at
  throw termFault(term, 'a moment is a date, or a date and a time with its zone', example)
}

function exact(term: FilterTerm, example: string): string {
  if (term.compare === 'eq') return term.value
  throw termFault(term, `${term.name} takes = and no other comparison`, example)
}

const SIGNS: Readonly<Record<Comparison, string>> = {
  eq: '=',
  ne: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
}

function joined(one: TraceFilter, other: TraceFilter, term: FilterTerm | undefined): TraceFilter {
  refuseTwo(one, other, term)
  const attributes = [...(one.attributes ?? []), ...(other.attributes ?? [])]
  const from = later(one.from, other.from)
  const to = earlier(one.to, other.to)
  const minDuration = later(one.minDuration, other.minDuration)
  const maxDuration = earlier(one.maxDuration, other.maxDuration)
  const both = {
    ...one,
    ...other,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(minDuration === undefined ? {} : { minDuration }),
    ...(maxDuration === undefined ? {} : { maxDuration }),
    ...(attributes.length === 0 ? {} : { attributes }),
  }
  refuseEmpty(both, term)
  return both
}

function later(a: Nanos | undefined, b: Nanos | undefined): Nanos | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

function earlier(a: Nanos | undefined, b: Nanos | undefined): Nanos | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

/** One span has one of each. */
function refuseTwo(one: TraceFilter, other: TraceFilter, term: FilterTerm | undefined): void {
  const names = ['service', 'operation', 'status', 'runId'] as const
  const twice = names.find((name) => one[name] !== undefined && other[name] !== undefined)
  if (twice === undefined || one[twice] === other[twice]) return
  const word = twice === 'runId' ? 'run' : twice
  throw conflict(`${word} is asked to be ${one[twice] ?? ''} and ${other[twice] ?? ''}`, term)
}

function refuseEmpty(filter: TraceFilter, term: FilterTerm | undefined): void {
  const { from, to, minDuration, maxDuration } = filter
  if (from !== undefined && to !== undefined && from > to) {
    throw conflict('nothing is from after to', term)
  }
  if (minDuration !== undefined && maxDuration !== undefined && minDuration > maxDuration) {
    throw conflict('no span has a duration within these bounds', term)
  }
}

function conflict(message: string, term: FilterTerm | undefined): Fault {
  if (term !== undefined) return termFault(term, message, EXAMPLE)
  return new Fault('USAGE', message, { hint: 'leave one of them out' })
}
