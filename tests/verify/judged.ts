import { parseSpec } from '../../src/spec/parse.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { verify } from '../../src/verify/verify.ts'
import type { Finding, SpecResult } from '../../src/verify/result.ts'

export const COMPLETE: RunEvidence = { complete: true, reasons: [], lossyEnds: [] }

/** The verdict of a spec on traces; a spec that cannot be used is a mistake of the test. */
export function judged(
  text: string,
  traces: readonly Trace[],
  run: RunEvidence | undefined = COMPLETE,
): SpecResult {
  const { spec, issues } = parseSpec(text, { file: 'spec.yaml' })
  if (spec === undefined) throw new Error(issues.map((issue) => issue.message).join('\n'))
  return verify(
    { spec, path: 'spec.yaml', sha256: '', warnings: issues },
    { traces, run, losses: lossless, source: 'test', named: false, required: true },
  )
}

/** The first finding of a code. */
export function findingOf<C extends Finding['code']>(
  { findings }: SpecResult,
  code: C,
): Extract<Finding, { code: C }> | undefined {
  return findings.items.find(
    (finding): finding is Extract<Finding, { code: C }> => finding.code === code,
  )
}
