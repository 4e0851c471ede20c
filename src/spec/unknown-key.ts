import { problem, quoted } from './issue.ts'
import type { SourceEntry } from './source.ts'
import type { SourceRange, SpecIssue } from './spec.ts'
import { nearest } from './suggest.ts'

/** Fields of the language that this version does not know how to check. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  'budgets',
  'children_order',
  'closed',
  'command',
  'events',
  'extends',
  'linked',
  'one_of',
  'ordering',
  'parameters',
  'trigger',
])

/** What people write for a field, in the order of likelihood; the first that is allowed in the place is offered. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['name', ['operation_name']],
  ['operation', ['operation_name']],
  ['span', ['operation_name']],
  ['span_name', ['operation_name']],
  ['service', ['service_name']],
  ['span_kind', ['kind']],
  ['duration', ['expected_duration_ms', 'max_total_duration_ms']],
  ['duration_ms', ['expected_duration_ms', 'max_total_duration_ms']],
  ['max_duration', ['expected_duration_ms', 'max_total_duration_ms']],
  ['max_duration_ms', ['expected_duration_ms', 'max_total_duration_ms']],
  ['tags', ['required_tags', 'where']],
  ['attributes', ['required_tags', 'where']],
  ['required_attributes', ['required_tags', 'where']],
  ['spans', ['expected_spans']],
  ['expect_spans', ['expected_spans']],
  ['expectations', ['expected_spans']],
  ['forbidden', ['forbidden_spans']],
  ['unexpected', ['unexpected_spans']],
  ['errors', ['unexpected_errors', 'error_conditions']],
  ['performance', ['performance_constraints']],
  ['constraints', ['performance_constraints']],
  ['cases', ['traces']],
  ['times', ['count']],
  ['occurrences', ['count']],
  ['required', ['optional']],
  ['exception', ['exception.type']],
  ['exception_type', ['exception.type']],
  ['equals', ['eq']],
  ['is', ['eq']],
  ['not', ['ne']],
  ['not_eq', ['ne']],
  ['at_least', ['gte', 'min']],
  ['at_most', ['lte', 'max']],
  ['min', ['gte']],
  ['max', ['lte']],
  ['matches', ['regex']],
  ['pattern', ['regex']],
  ['like', ['glob']],
  ['starts_with', ['glob']],
  ['ends_with', ['glob']],
  ['any_of', ['in']],
  ['present', ['exists']],
  ['includes', ['contains']],
  ['size', ['length']],
])

/** What to write instead where no single field has the meaning. */
const ADVICE: ReadonlyMap<string, { readonly where: string; readonly hint: string }> = new Map([
  ['error', { where: 'status', hint: 'did you mean `status: error`?' }],
  ['has_error', { where: 'status', hint: 'did you mean `status: error`?' }],
  ['parent', { where: 'children', hint: "write the expectation under its parent's `children`" }],
])

export interface RefusedKey {
  readonly issue: SpecIssue
  /** The fields that it may have been meant for, which are then not missing as well. */
  readonly standsFor: readonly string[]
}

/** Why a key is not allowed where it stands, and what was probably meant. */
export function refuseKey(
  entry: SourceEntry,
  place: {
    readonly what: string
    readonly allowed: readonly string[]
    /** Whether to look for what was meant. */
    readonly mayGuess: boolean
  },
): RefusedKey {
  const { key, keyAt } = entry
  if (NOT_BUILT.has(key)) return { issue: notBuilt(key, keyAt), standsFor: place.allowed }
  const meant = place.mayGuess ? meantField(key, place.allowed) : undefined
  const issue = problem('unknown_key', keyAt, {
    message: `${quoted(key)} is not a field of ${place.what}.`,
    hint: hintFor(key, meant, place.allowed),
  })
  return { issue, standsFor: meant === undefined ? [] : [meant] }
}

function notBuilt(key: string, at: SourceRange): SpecIssue {
  return problem('not_built', at, {
    message: `\`${key}\` is part of the language but not built in this version.`,
    hint: 'remove it',
  })
}

function hintFor(key: string, meant: string | undefined, allowed: readonly string[]): string {
  const advice = ADVICE.get(key.toLowerCase())
  if (advice !== undefined && allowed.includes(advice.where)) return advice.hint
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  return `the fields here are ${allowed.join(', ')}`
}

function meantField(key: string, allowed: readonly string[]): string | undefined {
  return synonym(key.toLowerCase(), allowed) ?? nearest(key, allowed) ?? nearSynonym(key, allowed)
}

function synonym(key: string, allowed: readonly string[]): string | undefined {
  return SYNONYMS.get(key)?.find((field) => allowed.includes(field))
}

function nearSynonym(key: string, allowed: readonly string[]): string | undefined {
  const near = nearest(key, [...SYNONYMS.keys()])
  return near === undefined ? undefined : synonym(near, allowed)
}
