import { z } from 'zod'
import type { Result } from '../verify/outcome.ts'
import { diagnosisSchema, evidenceReasonSchema } from './capture-schema.ts'
import { commandFailedSchema, serverSchema } from './server-schema.ts'
import { boundedOf, count, sentence, untrusted } from './schema-parts.ts'
import { weakenedSchema } from './weakened-schema.ts'
import { specSchema } from './spec-result-schema.ts'
import { deliverySchema } from './delivery-schema.ts'

/** The source of `schema/result.schema.json`; its type is `Result`, so that neither can change alone. */
export const resultSchema: z.ZodType<Result> = z
  .strictObject({
    schema: z.literal('tracespec.result/1'),
    tracespec: z.string().describe('The version of tracespec.'),
    status: z.enum(['pass', 'fail', 'inconclusive', 'error', 'nothing_to_check', 'interrupted']),
    exit_code: z.literal([0, 1, 2, 3, 4, 130]),
    summary: sentence,
    run: z
      .strictObject({
        id: z.string(),
        command: z.array(z.string()),
        exit_code: z.int().nullable(),
        signal: z.string().nullable(),
        duration_ms: z.number(),
        waited_ms: z.number().describe("From the command's end to the verdict."),
        server: serverSchema.exactOptional(),
      })
      .nullable(),
    captured: z.strictObject({
      spans: count,
      traces: count,
      services: boundedOf(z.strictObject({ name: untrusted, spans: count })),
      roots: boundedOf(z.strictObject({ service: untrusted, name: untrusted, count })),
    }),
    evidence: z.strictObject({ complete: z.boolean(), reasons: z.array(evidenceReasonSchema) }),
    specs: z.array(specSchema),
    not_exercised: z
      .array(z.strictObject({ name: z.string(), path: z.string() }))
      .describe('Specs that were tried and that no case applies to.'),
    command_failed: commandFailedSchema.nullable(),
    diagnosis: diagnosisSchema.nullable(),
    next_steps: z.array(
      z.strictObject({
        why: sentence,
        command: z.array(z.string()),
        text: z.string().describe('The command quoted for a POSIX shell.'),
      }),
    ),
    error: z
      .strictObject({
        code: z.enum([
          'USAGE',
          'SPEC_INVALID',
          'SPEC_NOT_FOUND',
          'PATH_OUTSIDE',
          'FILE_UNREADABLE',
          'FILE_EXISTS',
          'TRACE_INVALID',
          'TRACE_NOT_FOUND',
          'SESSION_NOT_FOUND',
          'TOO_LARGE',
          'STORE_UNAVAILABLE',
          'STORE_FULL',
          'COMMAND_NOT_STARTED',
          'COMMAND_NOT_READY',
          'RECEIVER_UNAVAILABLE',
          'SOURCE_UNAVAILABLE',
          'SOURCE_REFUSED',
          'SOURCE_INVALID',
          'NOT_TRUSTED',
          'PACKAGE_MISSING',
          'UNSUPPORTED',
        ]),
        message: sentence,
        hint: z.string().nullable(),
      })
      .nullable(),
    session: z
      .strictObject({
        id: z.string(),
        status: z.enum(['no_runs', 'green', 'red', 'undecided']),
        failing: z.array(count).describe('Failing checks of the last runs, oldest first.'),
        iterations: count,
        fixed: count,
        still_failing: count,
        flickering: count,
        weaker: boundedOf(weakenedSchema)
          .exactOptional()
          .describe('What the specs of the last run ask for less than before.'),
      })
      .exactOptional()
      .describe('How the session stands that the run belongs to.'),
    delivery: deliverySchema
      .exactOptional()
      .describe('What the backend of --then-from has of the run.'),
  })
  .describe('What tracespec found out, as printed by --json.')

/** The text of `schema/result.schema.json`. */
export function resultSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(resultSchema, { io: 'input' })
  const document = { $schema, title: 'tracespec result, version 1', ...schema }
  return `${JSON.stringify(document, null, 2)}\n`
}
