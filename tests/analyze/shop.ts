import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import { analysisDocument, type AnalysisDocument } from '../../src/report/analysis.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { bounded } from '../../src/verify/shown.ts'
import { traceOf, type Sketch } from '../report/spans.ts'

const selects = Array.from({ length: 5 }, (_, at): Sketch => ({
  id: 10 + at,
  parent: 3,
  name: 'SELECT products',
  kind: 'client',
  from: 12 + at * 6,
  to: 17 + at * 6,
  attributes: { 'db.system.name': 'postgresql' },
}))

/** A checkout with an N+1, two calls that could run together, attempts at a payment that failed, and a lost parent. */
export const checkout: Trace = traceOf(
  { id: 1, name: 'POST /checkout', kind: 'server', from: 0, to: 200, error: 'payment failed' },
  { id: 2, parent: 1, name: 'validate', from: 1, to: 9 },
  { id: 3, parent: 1, name: 'cart.price', from: 10, to: 44 },
  ...selects,
  { id: 20, parent: 1, name: 'GET', kind: 'client', from: 45, to: 75 },
  { id: 21, parent: 20, name: 'GET /stock', kind: 'server', service: 'stock', from: 50, to: 70 },
  { id: 22, parent: 1, name: 'GET', kind: 'client', from: 76, to: 106 },
  { id: 23, parent: 22, name: 'GET /rates', kind: 'server', service: 'rates', from: 80, to: 104 },
  {
    id: 30,
    parent: 1,
    name: 'POST',
    kind: 'client',
    from: 120,
    to: 150,
    error: '',
    attributes: { 'http.response.status_code': 504n },
  },
  {
    id: 31,
    parent: 30,
    name: 'POST /charge',
    kind: 'server',
    service: 'payment',
    from: 124,
    to: 160,
    error: 'deadline exceeded',
  },
  {
    id: 32,
    parent: 1,
    name: 'POST',
    kind: 'client',
    from: 155,
    to: 190,
    error: '',
    attributes: { 'http.response.status_code': 504n },
  },
  { id: 40, parent: 99, name: 'audit.write\u001B[31m', from: 195, to: 210 },
)

/** The document of these traces with lists of at most `limit`. */
export function documentOf(traces: readonly Trace[], limit: number): AnalysisDocument {
  return analysisDocument({
    version: '0.0.0',
    source: 'last',
    traces: bounded(
      traces.map((trace) => analyzeTrace(trace, { limit })),
      20,
      '--trace ID analyses any one of them',
    ),
  })
}
