import fc from 'fast-check'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { Span } from '../../src/trace/span.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import type { Observation, SpecFile } from '../../src/verify/observation.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { reportOf } from '../cases/report.ts'
import { readStory, storyNames } from '../cases/story.ts'
import { smallest } from '../oracle/outline.ts'
import { randomPair } from '../oracle/pairs.ts'
import { randomFrom } from '../oracle/random.ts'

/** A spec, the spans it judges and what is known of their run: a story of the cases, or a random pair. */
export interface Sample {
  readonly name: string
  readonly file: SpecFile
  readonly spans: readonly Span[]
  readonly run: RunEvidence | undefined
  readonly named: boolean
  /** How fast-check prints it. */
  readonly [fc.toStringMethod]: () => string
}

const stories: readonly Sample[] = await Promise.all((await storyNames()).map(readSample))

async function readSample(name: string): Promise<Sample> {
  const { file, observation } = await readStory(name)
  const { traces, run, named } = observation
  const spans = traces.flatMap((trace) => trace.spans)
  return { name, file, spans, run, named, [fc.toStringMethod]: () => name }
}

export function storySamples(): fc.Arbitrary<Sample> {
  return fc.constantFrom(...stories)
}

export function randomSamples(): fc.Arbitrary<Sample> {
  return fc
    .record({ seed: fc.nat(), style: fc.constantFrom('strict' as const, 'loose' as const) })
    .map(({ seed, style }) => {
      const { spec, tree } = randomPair(randomFrom(seed), style)
      const file = { spec, path: 'random.yaml', sha256: '', warnings: [] }
      const run = { complete: true, reasons: [], lossyEnds: [] }
      const [name = ''] = smallest([{ spec, tree }])
      return { name, file, spans: tree.spans, run, named: false, [fc.toStringMethod]: () => name }
    })
}

export function samples(): fc.Arbitrary<Sample> {
  return fc.oneof(storySamples(), randomSamples())
}

export function verdictOf(sample: Sample): SpecResult {
  return verify(sample.file, observationOf(sample))
}

/** The bytes that a person would read. */
export function textOf(sample: Sample): string {
  return reportOf(observationOf(sample), verdictOf(sample))
}

function observationOf({ spans, run, named }: Sample): Observation {
  const traces = buildTraces(spans)
  return { traces, run, losses: lossless, source: 'sample', named, required: named }
}

export function hasFragment({ spans }: Sample): boolean {
  const ids = new Set(spans.map((span) => span.spanId))
  return spans.some(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))
}
