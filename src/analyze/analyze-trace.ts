import { millisOf } from '../trace/time.ts'
import type { Trace } from '../trace/trace.ts'
import { calleesOf } from './callee.ts'
import { criticalFactsOf } from './critical-facts.ts'
import { errorChainsOf } from './error-chains.ts'
import { lengthOf } from './extent.ts'
import { repeatedOf } from './repeated.ts'
import { serialCallsOf } from './serial-calls.ts'
import { identicalSiblings } from './siblings.ts'
import { slowestOf } from './slowest.ts'
import { timingOf } from './timing.ts'
import { callTotalsOf, serviceTotalsOf } from './totals.ts'
import type { AnalysisOptions, TraceAnalysis } from './trace-analysis.ts'
import { depthsOf, treeFactsOf } from './tree-facts.ts'

/**
 * What one trace shows by itself: its shape, where its time went, where its errors began. Of every list the first `limit`
 * are told. About linear in the spans and without recursion; the trace stays as it is.
 */
export function analyzeTrace(trace: Trace, { limit }: AnalysisOptions): TraceAnalysis {
  const timing = timingOf(trace)
  const { parentsFirst } = timing
  const depths = depthsOf(trace, parentsFirst)
  const siblings = identicalSiblings(timing)
  const callees = calleesOf(trace, parentsFirst)
  return {
    trace_id: trace.traceId,
    duration_ms: millisOf(lengthOf(timing.whole)),
    tree: treeFactsOf(timing, depths, limit),
    critical_path: criticalFactsOf(timing, limit),
    errors: errorChainsOf({ timing, depths, siblings, limit }),
    repeated: repeatedOf({ timing, siblings, callees }, limit),
    serial: serialCallsOf({ timing, callees }, limit),
    slowest: slowestOf(timing, limit),
    services: serviceTotalsOf(timing, limit),
    calls: callTotalsOf(timing, limit),
  }
}
