import { z } from 'zod'
import { boundedOf, count, place, sentence, untrusted } from '../report/schema-parts.ts'

function text(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u, 'one line without control characters')
}

/** How a call names a spec. */
export const specName: z.ZodString = text(200).describe('Spec name or path.')

/** How a call names a capture. */
export const traceReference: z.ZodString = text(1000).describe(
  'last, run:ID, trace:ID, since:10m..10s or a file of the project.',
)

export const shortText: z.ZodString = text(1000)

/** `service=shop status=error duration>100ms`. */
export const filterText: z.ZodString = z.string().max(4000)

/** Of an answer, for what comes after it. */
export const cursor: z.ZodString = z.string().max(200).describe('From next_cursor.')

/** How a call names a session. */
export const sessionId: z.ZodString = text(100)

export const sessionStatus: z.ZodType = z.enum(['no_runs', 'green', 'red', 'undecided'])

/** How many findings can be asked for. */
export const MOST_FINDINGS = 500

/** How long a call waits for a run. */
export const waitMs: z.ZodInt = z.int().min(0).max(3_600_000)

/** How many items of a list are asked for. */
export function limit(most: number): z.ZodInt {
  return z.int().min(1).max(most)
}

export const nextSteps: z.ZodType = z
  .array(
    z.strictObject({
      why: sentence,
      tool: z.string(),
      arguments: z.record(z.string(), z.unknown()),
    }),
  )
  .describe('Calls that can be made as they stand.')

const spanId = z.string().describe('Hex.')

/** A captured span as an answer names it. */
const namedSpan = z.strictObject({ name: untrusted, span_id: spanId })

const finding = z.strictObject({
  code: z.string(),
  status: z.enum(['fail', 'inconclusive', 'info']),
  message: sentence,
  at: place,
  span: namedSpan.optional(),
  nearest: z
    .strictObject({
      ...namedSpan.shape,
      condition: z.string(),
    })
    .optional()
    .describe('The span that came nearest, and the condition that it failed.'),
  trace_id: z.string().optional().describe('When the spec has several cases.'),
})

/** What a spec made of a capture. */
export const judgedSpec: Readonly<Record<string, z.ZodType>> = {
  spec: z.strictObject({ name: z.string(), path: z.string() }),
  status: z.enum(['pass', 'fail', 'inconclusive', 'not_exercised']),
  matches_specification: z.boolean().nullable(),
  cases: count,
  trace_id: z.string().nullable().describe('Of the only case.'),
  findings: boundedOf(finding),
  missing_spans: boundedOf(untrusted),
  suggestions: boundedOf(sentence),
}

/** The findings once more, by their sort. */
export const sortedFindings: Readonly<Record<string, z.ZodType>> = {
  unexpected_spans: boundedOf(z.strictObject({ name: untrusted, count })),
  performance_issues: boundedOf(
    z.strictObject({ name: untrusted, max_ms: z.number(), observed_ms: z.number() }),
  ),
}

export const evidence: z.ZodType = z.strictObject({
  complete: z.boolean(),
  reasons: boundedOf(sentence).optional().describe('When it is not complete.'),
})

export const outcomes: readonly string[] = [
  'pass',
  'fail',
  'inconclusive',
  'error',
  'nothing_to_check',
  'interrupted',
]

export const sha256: z.ZodString = z.string().regex(/^[0-9a-f]{64}$/)

/** What a spec asks for less than before. */
export const weaker: z.ZodType = boundedOf(z.strictObject({ at: place, message: sentence }))

/** What became of a spec that was to be written. */
export const definedOutput: Readonly<Record<string, z.ZodType>> = {
  summary: sentence,
  written: z.boolean(),
  path: z.string(),
  sha256: z.string(),
  expectations: count,
  weaker: weaker.describe('What the spec no longer asks for.'),
  issues: boundedOf(
    z.strictObject({
      severity: z.enum(['error', 'warning']),
      at: place,
      message: sentence,
      hint: z.string().nullable(),
    }),
  ),
}
