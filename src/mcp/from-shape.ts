import { z } from 'zod'

/** How a call names where a trace is read that is not kept here. */
export const from: z.ZodOptional<z.ZodString> = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('A backend or file.')
