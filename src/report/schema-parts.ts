import { z } from 'zod'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'

/** A sentence of ours; names of spans stand in it in backticks. */
export const sentence: z.ZodString = z
  .string()
  .meta({ id: 'Sentence', description: 'A sentence; span names in backticks.' })

/** Text out of a span or a program. */
export const untrusted: z.ZodString = z.string().max(200).meta({
  id: 'Untrusted',
  description: 'Untrusted text of the traced program: one line, at most 200 characters.',
})

export const count: z.ZodInt = z.int().min(0).meta({ id: 'Count' })

export const place: z.ZodString = z
  .string()
  .meta({ id: 'Place', description: 'file:line:column in the spec.' })

export const hex: z.ZodString = z.string().regex(/^[0-9a-f]*$/)

export const traceId: z.ZodType<TraceId> = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .transform((text, context) => parseTraceId(text) ?? refused(context, text))

export const spanId: z.ZodType<SpanId> = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .transform((text, context) => parseSpanId(text) ?? refused(context, text))

function refused(context: z.RefinementCtx, input: string): never {
  context.addIssue({ code: 'custom', message: 'not an id', input })
  return z.NEVER
}

/** One member of a union on `code`, with its sentence. */
export function worded<const C extends string, S extends z.ZodRawShape>(
  code: C,
  shape: S,
): z.ZodObject<{ code: z.ZodLiteral<C> } & S & { message: z.ZodString }, z.core.$strict> {
  return z.strictObject({ code: z.literal(code), ...shape, message: sentence })
}

/** A list that may have been cut. */
export function boundedOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<
  {
    items: z.ZodArray<T>
    shown: z.ZodInt
    omitted: z.ZodInt
    total: z.ZodInt
    how: z.ZodNullable<z.ZodString>
  },
  z.core.$strict
> {
  return z.strictObject({
    items: z.array(item),
    shown: count,
    omitted: count,
    total: count,
    how: z.string().nullable().describe('How to get the rest; null when nothing is left out.'),
  })
}

/** A value as JSON can show it. */
export const shown: z.ZodUnion<readonly [z.ZodString, z.ZodNumber, z.ZodBoolean, z.ZodNull]> = z
  .union([untrusted, z.number(), z.boolean(), z.null()])
  .meta({ id: 'Value' })
