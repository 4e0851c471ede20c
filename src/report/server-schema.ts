import { z } from 'zod'
import type { DriveFacts, ServerFacts } from '../trace/drive.ts'
import type { CommandFailed, Worded } from '../verify/outcome.ts'
import { count, worded } from './schema-parts.ts'

const ended = { exit_code: z.int().nullable(), signal: z.string().nullable() }

const driveSchema: z.ZodType<DriveFacts> = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('command'),
      drive: z.string(),
      duration_ms: z.number(),
      ...ended,
    }),
    z.strictObject({
      kind: z.literal('request'),
      drive: z.string(),
      duration_ms: z.number(),
      status: z.int().nullable(),
      error: z.string().nullable(),
    }),
  ])
  .meta({ id: 'Drive' })

/** How a command that serves was ready and driven. */
export const serverSchema: z.ZodType<ServerFacts> = z
  .strictObject({
    ready_ms: z.number().nullable().describe('Null when the command ended before it was ready.'),
    drives: z.array(driveSchema),
    asked_drives: count,
    stopped: z.boolean().describe('Ended by tracespec after its quiet period.'),
  })
  .meta({ id: 'Server' })

export const commandFailedSchema: z.ZodType<Worded<CommandFailed>> = z
  .discriminatedUnion('code', [
    worded('command_failed', { ...ended, expected: z.int() }),
    worded('ended_before_ready', ended),
    worded('ended_before_driven', { ...ended, begun: count, asked: count }),
    worded('drive_failed', { drive: driveSchema }),
  ])
  .meta({ id: 'CommandFailed' })
