import { z } from 'zod'
import type { SpecHistory, VersionChange, VersionFacts } from '../verify/spec-evolution.ts'
import { boundedOf, count, sentence } from './schema-parts.ts'
import type { SpecDiff } from './spec-evolution.ts'

const version = {
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  first_seen: z.string().nullable().describe('ISO 8601.'),
  origin: z.enum(['run', 'check', 'define', 'update', 'found']).nullable(),
  current: z.boolean().describe('The file is this text.'),
}

const versionSchema: z.ZodType<VersionFacts> = z.strictObject(version).meta({ id: 'Version' })

const labels = z.array(z.string())

const changeSchema: z.ZodType<VersionChange> = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('compared'),
      added: labels,
      removed: labels,
      weakened: count,
      tightened: count,
      changed: count,
    }),
    z.strictObject({ kind: z.literal('first') }),
    z.strictObject({ kind: z.literal('unreadable') }),
  ])
  .meta({ id: 'Change' })

/** The source of `schema/spec-history.schema.json`. */
export const specHistorySchema: z.ZodType<SpecHistory> = z
  .strictObject({
    schema: z.literal('tracespec.spec-history/1'),
    name: z.string(),
    path: z.string(),
    versions: boundedOf(z.strictObject({ ...version, change: changeSchema })),
  })
  .describe('The texts that a spec has had, as printed by tracespec spec history --json.')

/** The source of `schema/spec-diff.schema.json`. */
export const specDiffSchema: z.ZodType<SpecDiff> = z
  .strictObject({
    schema: z.literal('tracespec.spec-diff/1'),
    name: z.string(),
    path: z.string(),
    before: versionSchema,
    after: versionSchema,
    change: changeSchema,
    lines: z.array(z.string()).describe('- before, + after.'),
    weaker: z.array(sentence),
    tighter: z.array(sentence),
  })
  .describe('How two texts of a spec differ, as printed by tracespec spec diff --json.')
