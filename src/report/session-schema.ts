import { z } from 'zod'
import type { SessionList, SessionStatus } from '../verify/session.ts'
import { evidenceReasonSchema } from './capture-schema.ts'
import { boundedOf, count, place, sentence, untrusted, worded } from './schema-parts.ts'
import type { SessionDocument } from './session-document.ts'
import type { PublishedStep } from './session-steps.ts'
import { findingSchema, spanRefSchema } from './spec-result-schema.ts'
import { wordedWeakenedSchema } from './weakened-schema.ts'

const names = z.array(untrusted)
const time = z.string().describe('ISO 8601.')

const statusSchema: z.ZodType<SessionStatus> = z.enum(['no_runs', 'green', 'red', 'undecided'])

const session = {
  id: z.string(),
  goal: z.string().nullable(),
  specs: names,
  started_at: time,
  ended_at: time.nullable().describe('Null while it is open.'),
}

const check = {
  spec: untrusted.describe('Empty for what is asked of the command itself.'),
  label: untrusted,
  condition: z.string(),
  at: z.string().describe('file:line:column in the spec; empty for the command.'),
}
const checks = boundedOf(z.strictObject(check).meta({ id: 'Check' }))

const code = z.strictObject({
  commit: z.string().nullable(),
  dirty: boundedOf(z.string()),
  comparable: z
    .boolean()
    .describe('False when too much is changed to tell this state from others.'),
})

const iteration = z
  .strictObject({
    ordinal: count,
    run: z.string(),
    status: z.string(),
    started_at: time,
    duration_ms: z.number(),
    code: code.nullable().describe('Null without a repository.'),
    specs: z.array(z.strictObject({ name: untrusted, status: z.string() })),
    specs_changed: names,
    weaker: boundedOf(wordedWeakenedSchema).describe('What the specs ask for less than before.'),
    failing: count.describe('The distance to green.'),
    undecided: count,
    change: z.enum(['first', 'helped', 'hurt', 'mixed', 'none', 'same_code', 'unknown']),
    fixed: checks,
    new: boundedOf(z.strictObject({ ...check, passed_before: z.boolean() })),
    still_failing: checks,
    flickering: checks.describe('Failed and passed with the same code, command and spec.'),
    no_longer_asked: checks.describe('Failed before, and the changed spec does not ask it.'),
    tokens: count.nullable(),
  })
  .meta({ id: 'Iteration' })

const command = z.strictObject({
  why: sentence,
  command: z.array(z.string()),
  text: z.string().describe('The command quoted for a POSIX shell.'),
})
const run = z.string()
const commands = { commands: z.array(command) }

const stepSchema: z.ZodType<PublishedStep> = z
  .discriminatedUnion('code', [
    worded('run_first', commands),
    worded('no_spans', { run, ...commands }),
    worded('command_failed', {
      run,
      exit_code: z.int().nullable(),
      signal: z.string().nullable(),
      ...commands,
    }),
    worded('repair', {
      run,
      spec: z.string(),
      finding: findingSchema,
      origin: spanRefSchema.nullable().describe('Where an error began, if not there.'),
      elsewhere: spanRefSchema
        .nullable()
        .describe('What is missing here and begins a trace of its own.'),
      source: z
        .strictObject({
          path: z.string().describe('From the folder of the project.'),
          line: z.int().nullable(),
          told_by: z.enum(['code_attributes', 'stack_trace']),
          span: spanRefSchema,
        })
        .nullable(),
      consequences: boundedOf(untrusted).describe('Expected to go away with it.'),
      ...commands,
    }),
    worded('decide', {
      run,
      spec: z.string(),
      checks: count,
      reasons: z.array(evidenceReasonSchema),
      ...commands,
    }),
    worded('settle', { checks, ...commands }),
    worded('judge_spec', { spec: z.string(), ...commands }),
    worded('run_again', { run, ...commands }),
    worded('cover_span', { spec: z.string(), span: spanRefSchema, count, ...commands }),
    worded('cover_optional', { spec: z.string(), label: untrusted, at: place, ...commands }),
    worded('end_session', commands),
  ])
  .meta({ id: 'Step' })

/** The source of `schema/session.schema.json`; its type is `SessionDocument`, so that neither can change alone. */
export const sessionSchema: z.ZodType<SessionDocument> = z
  .strictObject({
    schema: z.literal('tracespec.session/1'),
    tracespec: z.string().describe('The version of tracespec.'),
    summary: sentence,
    session: z.strictObject(session),
    status: statusSchema,
    totals: z.strictObject({
      iterations: count,
      fixed: count,
      still_failing: count,
      flickering: count,
      weakened: count.describe('Places in which the specs came to ask for less.'),
      undecided: count,
      duration_ms: z.number(),
      tokens: count.nullable(),
    }),
    iterations: boundedOf(iteration),
    next_steps: boundedOf(stepSchema),
  })
  .describe('How a session goes, as printed by tracespec session status --json.')

/** The source of `schema/sessions.schema.json`. */
export const sessionsSchema: z.ZodType<SessionList> = z
  .strictObject({
    schema: z.literal('tracespec.sessions/1'),
    sessions: boundedOf(z.strictObject({ ...session, status: statusSchema, iterations: count })),
  })
  .describe('The sessions of a project, as printed by tracespec session list --json.')
