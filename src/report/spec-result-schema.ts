import { z } from 'zod'
import type { PublishedSpec, Worded } from '../verify/outcome.ts'
import type { Finding, Suggestion } from '../verify/result.ts'
import { evidenceReasonSchema } from './capture-schema.ts'
import { boundedOf, count, place, sentence, shown, untrusted, worded } from './schema-parts.ts'

const id = z.string().describe('Hex.')
/** A span that is named. */
export const spanRefSchema: z.ZodObject<
  { trace_id: z.ZodString; span_id: z.ZodString; name: z.ZodString; service: z.ZodString },
  z.core.$strict
> = z
  .strictObject({ trace_id: id, span_id: id, name: untrusted, service: untrusted })
  .meta({ id: 'Span' })
const span = spanRefSchema
const status = z.enum(['pass', 'fail', 'inconclusive'])

const condition = {
  condition: z.string(),
  expected: shown,
  observed: shown,
  found_in: z.enum(['span', 'scope', 'resource']).nullable(),
  seen_as: untrusted.nullable(),
}

const nearest = z
  .strictObject({
    span,
    parent: span.nullable(),
    failed: z.strictObject(condition),
    failed_count: count,
  })
  .meta({ id: 'Nearest' })

const tellApart = z
  .strictObject({
    field: z.enum(['where', 'kind', 'service_name']),
    name: untrusted.nullable(),
    value: shown,
  })
  .meta({ id: 'TellApart' })

const finding = {
  status: z.enum(['fail', 'inconclusive', 'info']).describe('Only fail counts; info is reported.'),
  at: place,
  case: z.int().min(0).nullable().describe('Index in cases.'),
}
const ofExpectation = { ...finding, expectation: untrusted, label: untrusted }
const absence = {
  ...ofExpectation,
  min: count,
  observed: count,
  parent: span.nullable(),
  required_below: count,
}
const error = {
  ...finding,
  span,
  exception_type: untrusted.nullable(),
  status_message: untrusted,
  count,
}

/** A finding with its sentence. */
export const findingSchema: z.ZodType<Worded<Finding>> = z
  .discriminatedUnion('code', [
    worded('span_missing', { ...absence, nearest: nearest.nullable() }),
    worded('span_moved', { ...absence, span, under: span.nullable() }),
    worded('span_renamed', { ...absence, span, failed: z.strictObject(condition) }),
    worded('span_excess', {
      ...ofExpectation,
      max: count,
      observed: count,
      parent: span.nullable(),
      spans: boundedOf(span),
      tell_apart: tellApart.nullable(),
      pattern: z.enum(['n_plus_one', 'retry']).nullable(),
    }),
    worded('condition_failed', {
      ...ofExpectation,
      ...condition,
      span,
      spans: count,
      tell_apart: tellApart.nullable(),
    }),
    worded('span_unexpected', {
      ...finding,
      name: untrusted,
      service: untrusted,
      kind: z.string(),
      count,
      parent: span.nullable(),
      span,
      share_of_parent: z.number().nullable(),
    }),
    worded('span_forbidden', {
      ...finding,
      label: untrusted,
      reason: untrusted.nullable(),
      spans: boundedOf(span),
    }),
    worded('error_unexpected', error),
    worded('error_forbidden', error),
    worded('error_missing', { ...finding, label: untrusted }),
    worded('total_duration_exceeded', { ...finding, max_ms: z.number(), observed_ms: z.number() }),
    worded('percentile_exceeded', {
      ...ofExpectation,
      percentile: z.number(),
      max_ms: z.number(),
      observed_ms: z.number(),
      from_ms: z.number(),
      to_ms: z.number().nullable(),
      runs: count,
    }),
    worded('no_case', { ...finding, label: untrusted, nearest: nearest.nullable() }),
    worded('too_few_cases', { ...finding, min: count, observed: count }),
    worded('too_many_cases', { ...finding, max: count, observed: count }),
    worded('not_judged', { ...finding, span, holds: z.array(untrusted) }),
    worded('undecided', {
      ...finding,
      expectation: untrusted.nullable(),
      label: untrusted,
      check: untrusted,
      reasons: z.array(evidenceReasonSchema),
    }),
  ])
  .meta({ id: 'Finding' })

const ofSuggestion = { expectation: untrusted, label: untrusted, at: place }

const suggestionSchema: z.ZodType<Worded<Suggestion>> = z
  .discriminatedUnion('code', [
    worded('tell_apart', { ...ofSuggestion, add: tellApart }),
    worded('n_plus_one', { span, count, parent: span.nullable() }),
    worded('check_nearest', { ...ofSuggestion, nearest }),
    worded('add_span', { ...ofSuggestion, parent: span.nullable(), observed: count }),
    worded('look_at_error', { span }),
    worded('capture_again', { reasons: z.array(evidenceReasonSchema) }),
  ])
  .meta({ id: 'Suggestion' })

const expectationSchema = z
  .strictObject({
    id: untrusted,
    label: untrusted,
    at: place,
    status,
    count: z.strictObject({ min: count, max: count.nullable(), observed: count }),
    spans: boundedOf(span),
    checks: z.array(
      z.strictObject({ condition: z.string(), expected: shown, observed: shown, status }),
    ),
  })
  .meta({ id: 'Expectation' })

const caseSchema = z
  .strictObject({
    trace_id: id,
    root: span.nullable(),
    source: z.string(),
    evidence: z.strictObject({ complete: z.boolean(), reasons: z.array(evidenceReasonSchema) }),
    status,
    spans: count,
    duration_ms: z.number(),
  })
  .meta({ id: 'Case' })

export const specSchema: z.ZodType<PublishedSpec> = z
  .strictObject({
    spec: z.strictObject({ name: z.string(), path: z.string(), sha256: z.string() }),
    status: z.enum(['pass', 'fail', 'inconclusive', 'not_exercised']),
    matches_specification: z.boolean().nullable(),
    summary: z.strictObject({
      cases: count,
      expected: count,
      matched: count,
      missing: count,
      excess: count,
      failed_conditions: count,
      unexpected: count,
      forbidden: count,
      errors: count,
      undecided: count,
      message: sentence,
    }),
    expectations: z.array(expectationSchema),
    cases: boundedOf(caseSchema),
    findings: boundedOf(findingSchema).describe('Worst first, then in the order of the spec.'),
    missing_spans: boundedOf(
      z.strictObject({ expectation: untrusted, name: untrusted, parent: untrusted.nullable() }),
    ),
    unexpected_spans: boundedOf(z.strictObject({ span_id: id, name: untrusted, count })),
    performance_issues: boundedOf(
      z.strictObject({
        span_id: id.nullable(),
        name: untrusted,
        max_ms: z.number(),
        observed_ms: z.number(),
      }),
    ),
    suggestions: z.array(suggestionSchema),
    looked_through: z.array(z.strictObject({ name: untrusted, count })),
    warnings: z.array(z.strictObject({ code: z.string(), at: place, message: sentence })),
  })
  .meta({ id: 'SpecResult' })
