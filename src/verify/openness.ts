import type { EvidenceReason, LossyEnd, RunEvidence } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Case } from './cases.ts'
import type { Tree } from './forest.ts'
import { processOf } from './holes.ts'
import { spanAt } from './span-at.ts'
import { isUntimed, slackOf } from './times.ts'

/** How far the evidence of one case reaches. */
export interface Openness {
  /** Further spans may stand anywhere in the case. */
  readonly everywhere: boolean
  /** Spans of the case below which further spans may hang. */
  readonly holes: ReadonlySet<SpanIndex>
  /** Empty when the case is complete. */
  readonly reasons: readonly EvidenceReason[]
}

/** What is open in a case: by lost parents, foreign fragments, ends of processes that lost spans, and holes. */
export function opennessOf(
  one: Case,
  run: RunEvidence | undefined,
  { holes, losses }: { readonly holes: ReadonlySet<SpanIndex>; readonly losses: Losses },
): Openness {
  const reasons = [
    ...one.lostParents.map((tree) => lostParent(one.trace, tree)),
    ...(run === undefined || !run.complete ? one.foreign : one.unplaced).map((tree) =>
      foreignFragment(one.trace, tree),
    ),
    ...(run === undefined ? [] : lossesOf(one, run, losses)),
  ]
  const inside = new Set([...one.members, ...one.fragments].filter((span) => holes.has(span)))
  const byHoles = holeReasons(one.trace, inside)
  return { everywhere: reasons.length > 0, holes: inside, reasons: [...reasons, ...byHoles] }
}

/** Says which spans are holes, in their order. */
export function holeReasons(
  trace: Trace,
  holes: ReadonlySet<SpanIndex>,
): readonly EvidenceReason[] {
  return [...holes]
    .toSorted((a, b) => a - b)
    .map((index) => {
      const span = spanAt(trace, index)
      return { code: 'hole', span: span.name, span_id: span.spanId }
    })
}

const MAX_NAMES = 5

/** Says that a parent was lost in its own process, and which spans name it. */
export function lostParent(trace: Trace, tree: Tree): EvidenceReason {
  return { code: 'parent_lost', ...missingParent(trace, tree) }
}

/** Says that a parent was not captured, and which spans name it. */
export function foreignFragment(trace: Trace, tree: Tree): EvidenceReason {
  return { code: 'foreign_fragment', ...missingParent(trace, tree) }
}

function missingParent(
  trace: Trace,
  tree: Tree,
): { readonly missing_parent: string; readonly spans: readonly string[] } {
  const names = new Set(tree.heads.map((head) => spanAt(trace, head).name))
  return {
    missing_parent: tree.lostId ?? tree.foreignId ?? '',
    spans: [...names].slice(0, MAX_NAMES),
  }
}

/** The losses of a run that reach into a case: of its trace, of a process that was at work in it, or of no one knows what. */
function lossesOf(one: Case, run: RunEvidence, losses: Losses): readonly EvidenceReason[] {
  const anywhere = run.reasons.filter((reason) => ANYWHERE.has(reason.code))
  const ends = run.lossyEnds.filter(
    (end) => end.traceIds.includes(one.trace.traceId) || wasActive(one, end, losses),
  )
  const ofTrace = run.reasons.filter((reason) => opensTrace(reason, one.trace))
  return [...anywhere, ...ofTrace, ...ends.map((end) => end.reason)]
}

/** Losses that name no process and no time. */
const ANYWHERE: ReadonlySet<EvidenceReason['code']> = new Set([
  'still_connected',
  'request_refused',
  'spans_rejected',
  'request_cut',
])

/** Whether a backend may have given less than a whole trace. */
function opensTrace(reason: EvidenceReason, { traceId }: Trace): boolean {
  return 'trace_id' in reason && reason.code !== 'trace_settled' && reason.trace_id === traceId
}

/** Whether a span of the case, of that process or of one that is not known, was running in its last two export delays. */
function wasActive(one: Case, end: LossyEnd, losses: Losses): boolean {
  const slack = 2n * slackOf(losses)
  return one.members.some((index) => {
    const span = spanAt(one.trace, index)
    const isOut = span.end + slack < end.from || span.start - slack > end.to
    if (isOut && !isUntimed(span, losses)) return false
    const pid = processOf(span)
    return pid === undefined || pid === end.pid
  })
}
