import { z } from 'zod'
import { boundedOf, count, place, sentence } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { nextSteps, specName } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const MAX_LINES = 300

/** One spec as it is written. */
export const getTraceSpec: Tool = defineTool({
  name: 'get_trace_spec',
  title: 'Read a trace spec',
  description:
    'Use before changing a spec: its text, its sha256 (which a change must send) and every issue in it.',
  input: z.strictObject({
    name: specName,
    from_line: z.int().min(1).optional().describe('Of a long spec.'),
  }),
  output: z.strictObject({
    summary: sentence,
    name: z.string().nullable(),
    path: z.string(),
    sha256: z.string(),
    text: z.string().describe('As in the file.'),
    lines: z.strictObject({
      from: count,
      shown: count,
      omitted: count,
      total: count,
      how: z.string().nullable(),
    }),
    issues: boundedOf(
      z.strictObject({
        severity: z.enum(['error', 'warning']),
        at: place,
        message: sentence,
        hint: z.string().nullable(),
      }),
    ),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { name: 'checkout' },
  handle: async ({ name, from_line: from }, call) => ({
    structured: await read({ name, from: from ?? 1 }, call),
  }),
})

async function read(
  { name, from }: { readonly name: string; readonly from: number },
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { findSpecs } = await import('../app/spec-files.ts')
  const { Fault } = await import('../trace/fault.ts')
  const { toldIssues } = await import('./spec-issues.ts')
  const { lastRunSteps } = await import('./last-run.ts')
  const { plural } = await import('../report/wording/phrases.ts')
  await using wire = await call.open()
  const [found] = findSpecs(wire.specFolder, [{ text: name, file: wire.specAt(name) }])
  if (found === undefined) throw new Fault('SPEC_NOT_FOUND', `there is no spec ${name}`)
  const { source, spec, issues } = found
  const text = 'text' in source.read ? source.read.text : ''
  const errors = issues.filter((issue) => issue.severity === 'error').length
  return {
    summary: `${source.path} ${errors === 0 ? 'can be used' : `has ${plural(errors, 'error')}`}.`,
    name: spec?.name ?? null,
    path: source.path,
    sha256: source.sha256,
    ...linesFrom(text, from),
    issues: toldIssues(issues),
    next_steps: spec === undefined ? [] : await lastRunSteps(wire, source.path),
  }
}

function linesFrom(text: string, from: number): { readonly text: string; readonly lines: object } {
  const all = text.split(/(?<=\n)/)
  const shown = all.slice(from - 1, from - 1 + MAX_LINES)
  const omitted = all.length - shown.length
  const next = from + shown.length
  const how = next > all.length ? 'from_line: 1' : `from_line: ${next}`
  return {
    text: shown.join(''),
    lines: {
      from,
      shown: shown.length,
      omitted,
      total: all.length,
      how: omitted === 0 ? null : how,
    },
  }
}
