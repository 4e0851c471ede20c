import type { ConditionFacts, Nearest, Shown, SpanRef, TellApart } from '../../verify/result.ts'
import { inert } from '../sanitize.ts'

/** A name from a span or a spec: inert, in backticks, at most 80 characters. */
export function tick(name: string): string {
  return `\`${inert(name, 80).replaceAll('`', "'")}\``
}

/** A span by its name and service; a service that only the SDK made up says nothing and is left out. */
export function spanName(span: SpanRef): string {
  return span.service === '' || span.service.startsWith('unknown_service')
    ? tick(span.name)
    : `${tick(span.name)} (${inert(span.service, 40)})`
}

/** A value as JSON would write it; `absent` for null. */
export function value(shown: Shown): string {
  if (shown === null) return 'absent'
  if (typeof shown !== 'string') return String(shown)
  return `"${inert(shown, 80).replaceAll('"', "'")}"`
}

export function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`
}

/** Milliseconds in the unit and precision that a reader compares with. */
export function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  if (ms >= 10 || Number.isInteger(ms)) return `${Math.round(ms)} ms`
  return `${Number(ms.toPrecision(2))} ms`
}

/** `a`, `b` and 3 more. */
export function some(names: readonly string[], total: number): string {
  const rest = total - names.length
  if (names.length === 0) return String(total)
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ')
}

// How the matchers of a spec are shown; any other text is a literal.
const MATCHER =
  /^(?:[<>]=? |!= |one of |glob "|regex "|template "|type |contains |length |present$|absent$)/

/** What a condition asks: an operator as it stands, a literal as a value. */
function asked(expected: Shown): string {
  if (expected === 'present') return 'any value'
  return typeof expected === 'string' && MATCHER.test(expected)
    ? inert(expected, 80)
    : value(expected)
}

const TAG_LISTS = ['required_tags.', 'optional_tags.', 'where.']

/** The tag that a condition path is about; undefined for a condition of another sort. */
export function tagOf(condition: string): string | undefined {
  const list = TAG_LISTS.find((prefix) => condition.startsWith(prefix))
  return list === undefined ? undefined : condition.slice(list.length)
}

/** What one condition asked and what was there, as a clause that follows a span's name. */
export function condition(facts: ConditionFacts): string {
  const tag = tagOf(facts.condition)
  if (tag !== undefined) return tagCondition(tag, facts)
  switch (facts.condition) {
    case 'expected_duration_ms.max':
      return `took ${took(facts)}, allowed are at most ${limit(facts.expected)}`
    case 'expected_duration_ms.min':
      return `took ${took(facts)}, expected are at least ${limit(facts.expected)}`
    case 'status':
      return `has status ${plain(facts.observed)}, expected is ${plain(facts.expected)}`
    case 'operation_name':
      return `is named ${value(facts.observed)}, expected is ${asked(facts.expected)}`
    case 'service_name':
      return `is of service ${value(facts.observed)}, expected is ${asked(facts.expected)}`
    case 'kind':
      return `has kind ${plain(facts.observed)}, expected is ${plain(facts.expected)}`
  }
  return `has ${tick(facts.condition)} ${value(facts.observed)}, expected is ${asked(facts.expected)}`
}

function tagCondition(tag: string, facts: ConditionFacts): string {
  if (facts.observed === null && facts.found_in === null) {
    return `has no tag ${tick(tag)}, expected is ${asked(facts.expected)}`
  }
  const place = facts.found_in === null ? '' : ` on the ${facts.found_in}`
  const name = facts.seen_as === null ? '' : ` as ${tick(facts.seen_as)}`
  return `has tag ${tick(tag)} = ${value(facts.observed)} (found${place}${name}), expected is ${asked(facts.expected)}`
}

function took({ observed, expected }: ConditionFacts): string {
  return typeof observed === 'number' && typeof expected === 'number'
    ? apart(observed, expected)
    : plain(observed)
}

function limit(shown: Shown): string {
  return typeof shown === 'number' ? `${shown} ms` : plain(shown)
}

/** Milliseconds with as few decimals as still tell them from the limit that they break. */
export function apart(observedMs: number, limitMs: number): string {
  const side = Math.sign(observedMs - limitMs)
  const digits =
    [0, 1, 2, 3].find((count) => Math.sign(Number(observedMs.toFixed(count)) - limitMs) === side) ??
    6
  return `${Number(observedMs.toFixed(digits))} ms`
}

function plain(shown: Shown): string {
  return shown === null ? 'absent' : inert(String(shown), 80)
}

/** The span that came nearest to what was expected under `parent`, and what kept it from being the one; a whole sentence. */
export function nearestSpan(nearest: Nearest, parent: SpanRef | null): string {
  const more = nearest.failed_count - 1
  const rest =
    more > 0
      ? `, and ${plural(more, 'further condition')} of it ${more === 1 ? 'fails' : 'fail'}`
      : ''
  return `Nearest is ${spanName(nearest.span)}${placeOf(nearest, parent)}: it ${condition(nearest.failed)}${rest}.`
}

function placeOf({ parent: found }: Nearest, parent: SpanRef | null): string {
  if (found === null) return ''
  const isSame = parent?.span_id === found.span_id && parent.trace_id === found.trace_id
  return isSame ? ' under the same parent' : ` under ${spanName(found)}`
}

/** The field to add so that the expectation says which span it means, in YAML's flow form. */
export function tellApart(add: TellApart): string {
  switch (add.field) {
    case 'where':
      return `\`where: { ${inert(add.name ?? '', 80)}: ${value(add.value)} }\``
    case 'kind':
    case 'service_name':
      return `\`${add.field}: ${plain(add.value)}\``
  }
}
