import { z } from 'zod'
import type { AnalysisDocument, PublishedAnalysis } from './analysis.ts'
import { boundedOf, count, sentence, spanId, traceId, untrusted } from './schema-parts.ts'

const ms = z.number().describe('Milliseconds; a moment is one since the first start of the trace.')
const share = z.number().min(0).describe('Part of a whole, 0 to 1.')
const span = z
  .strictObject({
    trace_id: traceId,
    span_id: spanId,
    name: untrusted,
    service: untrusted,
  })
  .meta({ id: 'Span' })

const place = {
  where: z
    .enum(['own', 'network'])
    .describe("`network`: a client's own time while a captured server answers it."),
  callee: untrusted.nullable(),
}

const spanTime = z
  .strictObject({
    span,
    kind: z.string(),
    start_ms: ms,
    duration_ms: ms,
    self_ms: ms.describe('Its duration without what its children cover.'),
    critical_ms: ms.describe('Its time on the critical path.'),
    children: count,
    gap: z
      .strictObject({ from_ms: ms, duration_ms: ms })
      .nullable()
      .describe('The longest stretch of its self time; null without children.'),
  })
  .meta({ id: 'SpanTime' })

const tree = z.strictObject({
  spans: count,
  services: count,
  errors: count,
  depth: count.describe('Spans on the longest way from a root to a leaf.'),
  fan_out: z.strictObject({ span, children: count }).nullable(),
  roots: boundedOf(z.strictObject({ span, duration_ms: ms, spans: count })),
  clipped: boundedOf(
    z.strictObject({
      span,
      parent: span,
      before_ms: ms,
      after_ms: ms,
      outside: z.boolean(),
      clock_skew: z.boolean(),
    }),
  ).describe('Children that reach beyond their parent; its times are read from what lies within.'),
  defects: z.array(
    z.strictObject({
      code: z.enum([
        'parent_lost',
        'parent_foreign',
        'duplicate_id',
        'cycle',
        'several_roots',
        'clock_skew',
      ]),
      count,
      spans: boundedOf(span),
      message: sentence,
    }),
  ),
})

const criticalPath = z
  .strictObject({
    root: span,
    duration_ms: ms,
    segments: boundedOf(z.strictObject({ span, from_ms: ms, duration_ms: ms, ...place })),
    operations: boundedOf(
      z.strictObject({
        service: untrusted,
        name: untrusted,
        ...place,
        duration_ms: ms,
        share,
        segments: count,
      }),
    ),
  })
  .describe('A possible one: a single trace does not tell which parallel children were waited for.')

const errorChain = z.strictObject({
  origin: span,
  depth: count,
  count,
  error: z.strictObject({
    category: z.enum([
      'timeout',
      'cancelled',
      'unavailable',
      'server_error',
      'client_error',
      'exception',
      'unspecified',
    ]),
    exception_type: untrusted.nullable(),
    http_status: z.int().nullable(),
    rpc_status: untrusted.nullable(),
    description: untrusted,
  }),
  retry: z.strictObject({ attempts: count, succeeded: z.boolean() }).nullable(),
  path: boundedOf(z.strictObject({ span, failed: z.boolean() })),
  reached: span,
  reached_root: z.boolean(),
  absorbed_by: span.nullable(),
  message: sentence,
})

const repeated = z.strictObject({
  span,
  kind: z.string(),
  parent: span,
  count,
  in_sequence: count,
  n_plus_one: z.boolean(),
  covered_ms: ms,
  mean_ms: ms,
  share_of_parent: share,
  message: sentence,
})

const serial = z.strictObject({
  parent: span,
  count,
  calls: boundedOf(z.strictObject({ span, callee: untrusted, duration_ms: ms })),
  duration_ms: ms,
  saving_ms: ms,
  share_of_parent: share,
  message: sentence,
})

const serviceTotal = z.strictObject({
  service: untrusted,
  spans: count,
  errors: count,
  self_ms: ms,
  critical_ms: ms,
})

const callTotal = z.strictObject({
  caller: untrusted,
  callee: untrusted,
  calls: count,
  errors: count,
  duration_ms: ms,
  network_ms: ms,
  critical_network_ms: ms,
})

const analysis: z.ZodType<PublishedAnalysis> = z
  .strictObject({
    trace_id: traceId,
    summary: sentence,
    duration_ms: ms,
    tree,
    errors: boundedOf(errorChain),
    repeated: boundedOf(repeated),
    serial: boundedOf(serial),
    critical_path: criticalPath.nullable(),
    slowest: z.strictObject({
      by_self_time: boundedOf(spanTime),
      by_duration: boundedOf(spanTime),
    }),
    services: boundedOf(serviceTotal),
    calls: boundedOf(callTotal),
  })
  .meta({ id: 'Analysis' })

/** The source of `schema/analysis.schema.json`; its type is `AnalysisDocument`, so that neither can change alone. */
export const analysisSchema: z.ZodType<AnalysisDocument> = z
  .strictObject({
    schema: z.literal('tracespec.analysis/1'),
    tracespec: z.string().describe('The version of tracespec.'),
    source: z.string().describe('What was analysed, as it was named.'),
    traces: boundedOf(analysis),
  })
  .describe('What single traces show by themselves, as printed by tracespec analyze --json.')

/** The text of `schema/analysis.schema.json`. */
export function analysisSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(analysisSchema, { io: 'input' })
  const document = { $schema, title: 'tracespec analysis, version 1', ...schema }
  return `${JSON.stringify(document, null, 2)}\n`
}
