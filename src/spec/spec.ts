import type { Scalar } from '../trace/canonical.ts'
import type { SpanKind } from '../trace/span.ts'

/** Where a part of a spec stands; lines and columns count from 1, the end is exclusive. */
export interface SourceRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export type ValueType = 'string' | 'bool' | 'int' | 'double' | 'bytes' | 'array' | 'map'

/** What a name or a tag value must be. `all` is an object with several operators. */
export type Matcher =
  | { readonly kind: 'present' }
  | { readonly kind: 'eq' | 'ne'; readonly value: Scalar }
  | { readonly kind: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: number | bigint | string }
  | { readonly kind: 'in'; readonly values: readonly Scalar[] }
  | { readonly kind: 'glob' | 'regex' | 'template'; readonly pattern: string }
  | { readonly kind: 'exists'; readonly value: boolean }
  | { readonly kind: 'type'; readonly type: ValueType }
  | { readonly kind: 'contains'; readonly value: Scalar }
  /** Characters of a text, elements of an array, entries of a map, bytes. */
  | { readonly kind: 'length'; readonly length: Matcher }
  | { readonly kind: 'all'; readonly of: readonly Matcher[] }

export interface TagMatch {
  /** As written: `resource.NAME` forces the resource. */
  readonly name: string
  readonly matcher: Matcher
  readonly at: SourceRange
}

/** Which spans a rule is about. An absent part asks nothing. */
export interface Identity {
  readonly operationName: Matcher | undefined
  readonly serviceName: Matcher | undefined
  readonly kind: SpanKind | undefined
  readonly where: readonly TagMatch[]
}

/** `ok` is "not an error" (unset or ok); the `exactly` forms ask for one code. */
export type StatusCondition = 'ok' | 'exactly_unset' | 'exactly_error' | 'exactly_ok'

export interface TagCondition extends TagMatch {
  /** An optional tag may be absent and must match when present. */
  readonly optional: boolean
}

export interface Count {
  readonly min: number
  /** Infinity when unbounded. */
  readonly max: number
}

export interface SpanExpectation {
  readonly kind: 'span'
  /** The spec's own `id`, else its path, as `expected_spans[0].children[2]`; unique in the spec. */
  readonly id: string
  /** What a person would call it: the operation name as written, else the id. */
  readonly label: string
  readonly at: SourceRange
  readonly identity: Identity
  readonly relation: 'child' | 'direct' | 'descendant'
  readonly count: Count
  readonly duration:
    | {
        readonly minMs: number | undefined
        readonly maxMs: number | undefined
        readonly at: SourceRange
      }
    | undefined
  readonly status: { readonly condition: StatusCondition; readonly at: SourceRange } | undefined
  readonly tags: readonly TagCondition[]
  readonly children: readonly Expectation[]
}

export type Expectation = SpanExpectation

export interface IgnoreRule {
  readonly at: SourceRange
  readonly identity: Identity
  /** Silences error spans too. */
  readonly errors: boolean
}

export interface ForbiddenRule {
  readonly at: SourceRange
  readonly label: string
  readonly identity: Identity
  readonly reason: string | undefined
}

export interface ErrorCondition {
  readonly at: SourceRange
  readonly label: string
  readonly identity: Identity
  /** Matched against the types of exception events, then `error.type`. */
  readonly exceptionType: Matcher | undefined
  readonly expect: 'required' | 'allowed' | 'forbidden'
}

/** A bound of a percentile over the cases; the unit is the case. */
export interface PercentileBound {
  /** The id of an expectation; a case counts by the longest of its spans. */
  readonly span: string
  readonly percentile: 50 | 90 | 95 | 99
  readonly maxMs: number
  /** Undecided with fewer cases, even where fewer could tell; undefined when it is not written. */
  readonly minRuns: number | undefined
  readonly at: SourceRange
}

export interface Spec {
  readonly name: string
  readonly description: string | undefined
  /** Where the spec's name stands. */
  readonly at: SourceRange
  readonly appliesTo: { readonly identity: Identity; readonly at: SourceRange } | undefined
  readonly traces: {
    /** Undefined when the spec does not write it. */
    readonly min: number | undefined
    readonly max: number | undefined
    readonly passing: 'all' | 'any'
    readonly at: SourceRange
  }
  readonly unexpectedSpans: {
    readonly mode: 'ignore' | 'report' | 'fail'
    readonly at: SourceRange
  }
  readonly unexpectedErrors: { readonly mode: 'fail' | 'report'; readonly at: SourceRange }
  readonly ignore: readonly IgnoreRule[]
  readonly expected: readonly Expectation[]
  readonly forbidden: readonly ForbiddenRule[]
  readonly maxTotalDurationMs: { readonly value: number; readonly at: SourceRange } | undefined
  readonly percentiles: readonly PercentileBound[]
  readonly errorConditions: readonly ErrorCondition[]
}

/** What is wrong with a spec, or doubtful: facts with a place. `message` is one sentence. */
export interface SpecIssue {
  readonly code: SpecIssueCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string | undefined
  readonly at: SourceRange
}

export type SpecIssueCode =
  | 'yaml_syntax'
  | 'too_large'
  | 'too_many_aliases'
  | 'too_deep'
  | 'not_utf8'
  | 'duplicate_key'
  | 'unknown_key'
  | 'not_built'
  | 'wrong_type'
  | 'bad_value'
  | 'missing_key'
  | 'bad_pattern'
  | 'duplicate_id'
  | 'unknown_id'
  | 'cannot_fail'
  | 'text_with_star'
  | 'ambiguous_siblings'
  | 'several_top_level'
