import type { EvidenceReason, RunEvidence } from '../trace/evidence.ts'
import type { Defect, Trace } from '../trace/trace.ts'

export interface Evidence {
  readonly complete: boolean
  readonly reasons: readonly EvidenceReason[]
}

// More reasons of one sort tell a reader nothing new.
const maxReasons = 20

/**
 * What the whole capture says of its completeness: what its runs observed, which of its traces came to rest in a backend, and which
 * parents are missing in it.
 */
export function evidenceOf(
  traces: readonly Trace[],
  run: RunEvidence | undefined,
  settled: readonly EvidenceReason[] = [],
): Evidence {
  const missing = traces.flatMap(missingParents)
  const lost = missing.filter((reason) => reason.code === 'parent_lost')
  if (run !== undefined) {
    const complete = run.complete && lost.length === 0
    return { complete, reasons: [...fewOfEach(run.reasons), ...few(settled), ...few(lost)] }
  }
  if (missing.length > 0) return { complete: false, reasons: [...few(settled), ...few(missing)] }
  return { complete: true, reasons: [...few(settled), { code: 'structurally_complete' }] }
}

function few(reasons: readonly EvidenceReason[]): readonly EvidenceReason[] {
  return reasons.slice(0, maxReasons)
}

function fewOfEach(reasons: readonly EvidenceReason[]): readonly EvidenceReason[] {
  const seen = new Map<EvidenceReason['code'], number>()
  return reasons.filter(({ code }) => {
    const before = seen.get(code) ?? 0
    seen.set(code, before + 1)
    return before < maxReasons
  })
}

type Orphan = Extract<Defect, { readonly code: 'orphan' }>

function missingParents(trace: Trace): readonly EvidenceReason[] {
  const orphans = trace.defects.filter((defect): defect is Orphan => defect.code === 'orphan')
  const byParent = [...Map.groupBy(orphans, (orphan) => orphan.missingParent)]
  return byParent.map(([parent, [first, ...rest]]) => ({
    code: first?.parent === 'lost' ? 'parent_lost' : 'foreign_fragment',
    missing_parent: parent,
    spans: [...(first === undefined ? [] : [first]), ...rest]
      .slice(0, maxReasons)
      .flatMap(({ span }) => trace.spans[span]?.name ?? []),
  }))
}

/** The evidence of several runs that are judged as one capture; undefined of none. */
export function joinedEvidence(runs: readonly RunEvidence[]): RunEvidence | undefined {
  const [first, ...rest] = runs
  if (first === undefined || rest.length === 0) return first
  return {
    complete: runs.every((run) => run.complete),
    reasons: runs.flatMap((run) => run.reasons),
    lossyEnds: runs.flatMap((run) => run.lossyEnds),
  }
}
