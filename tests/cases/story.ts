import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import type { Observation, SpecFile } from '../../src/verify/observation.ts'

export const CASES: string = join(import.meta.dirname, '../../fixtures/cases')

/** What a person reasoned out, before any engine was asked: `case.json`. */
const expectation = z.strictObject({
  /** The sentence of the design that decides it, in own words. */
  because: z.string().min(10),
  status: z.enum(['pass', 'fail', 'inconclusive', 'not_exercised']),
  /** All findings that fail, in the words of `brief`. */
  findings: z.array(z.string()),
  /** Findings that are open, and further ones may be. */
  open: z.array(z.string()).default([]),
  /** All findings that are reported only; not compared when absent. */
  reported: z.array(z.string()).optional(),
  /** What is known of a run; without one the evidence is that of a file. */
  run: z.enum(['none', 'complete', 'partial']).default('none'),
  /** The user named both the spec and the trace. */
  named: z.boolean().default(false),
})

/** What the form loses that the trace is said to be read from: `losses.json`, nothing without it. */
const losses = z.strictObject({
  nameCase: z.boolean(),
  grainNanos: z.literal([1, 1000]),
  types: z.enum(['kept', 'composites', 'all']),
  scopeAttributes: z.boolean(),
  resourceLevel: z.boolean(),
  eventAttributes: z.boolean(),
  links: z.enum(['kept', 'without_attributes', 'lost']),
  flags: z.boolean(),
  droppedCounts: z.boolean(),
  internalKind: z.boolean(),
  statusMessage: z.boolean(),
  unknownDurations: z.boolean(),
})

async function lossesOf(path: string): Promise<Losses> {
  if (!existsSync(path)) return lossless
  const written: unknown = JSON.parse(await readFile(path, 'utf8'))
  return losses.parse({
    ...lossless,
    unknownDurations: false,
    ...z.object().loose().parse(written),
  })
}

export interface Story {
  readonly expected: z.infer<typeof expectation>
  readonly file: SpecFile
  readonly observation: Observation
}

export async function storyNames(): Promise<readonly string[]> {
  const entries = await readdir(CASES, { withFileTypes: true })
  return entries
    .filter((each) => each.isDirectory())
    .map((each) => each.name)
    .toSorted()
}

export async function readStory(name: string): Promise<Story> {
  const read = (file: string): Promise<string> => readFile(join(CASES, name, file), 'utf8')
  const expected = expectation.parse(JSON.parse(await read('case.json')))
  const text = await read('spec.yaml')
  const { spec, issues } = parseSpec(text, { file: 'spec.yaml' })
  if (spec === undefined)
    throw new Error(`${name}: ${issues.map((each) => each.message).join(' ')}`)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const { spans, rejected } = decodeTracesText(await read('trace.otlp.json'))
  if (rejected > 0) throw new Error(`${name}: ${rejected} spans are no spans`)
  return {
    expected,
    file: { spec, path: 'spec.yaml', sha256, warnings: issues },
    observation: {
      traces: buildTraces(spans),
      run: runs[expected.run],
      losses: await lossesOf(join(CASES, name, 'losses.json')),
      source: 'trace.otlp.json',
      named: expected.named,
      required: expected.named,
    },
  }
}

const ended = { code: 'all_processes_ended', processes: 2 } as const
const killed = {
  code: 'ended_by_signal',
  pid: 7,
  command: 'node app.js',
  signal: 'SIGKILL',
} as const

const runs: Readonly<Record<'none' | 'complete' | 'partial', RunEvidence | undefined>> = {
  none: undefined,
  complete: { complete: true, reasons: [ended], lossyEnds: [] },
  partial: {
    complete: false,
    reasons: [killed],
    lossyEnds: [
      { pid: 7, from: nanosOf(0n), to: nanosOf(2n ** 62n), reason: killed, traceIds: [] },
    ],
  },
}
