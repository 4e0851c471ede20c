import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import type { Span } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { judged } from '../verify/judged.ts'
import { sketch } from '../report/spans.ts'

const size = 100_000
const spec =
  'name: large\nexpected_spans:\n  - operation_name: root\n    children: [{ operation_name: op, relation: descendant, count: { min: 1, max: 200000 } }]\n'

for (const [shape, parentOf] of [
  ['chain', (id: number) => id - 1],
  ['fan-out', () => 1],
] as const) {
  const spans = Array.from({ length: size }, (_, at): Span => {
    const id = at + 1
    const drawn = { id, name: id === 1 ? 'root' : 'op', from: at, to: 4 * size - at }
    return sketch(id === 1 ? drawn : { ...drawn, parent: parentOf(id) })
  })
  const parse = elapsedMs(() => JSON.parse(JSON.stringify(spans.map((span) => span.name))))
  const build = elapsedMs(() => buildTrace(spans))
  const trace = buildTrace(spans)
  const verify = elapsedMs(() => judged(spec, [trace]))
  const analyze = elapsedMs(() => analyzeTrace(trace, { limit: 10 }))
  console.log(`a ${shape} of ${size} spans; JSON of the names alone ${parse.toFixed(0)} ms`)
  console.log(`build   ${build.toFixed(0)} ms, ratio ${(build / parse).toFixed(1)}`)
  console.log(`verify  ${verify.toFixed(0)} ms, ratio to build ${(verify / build).toFixed(1)}`)
  console.log(`analyze ${analyze.toFixed(0)} ms, ratio to build ${(analyze / build).toFixed(1)}`)
}

function elapsedMs(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
