import { parseSpec } from '../../src/spec/parse.ts'
import { lossless } from '../../src/trace/losses.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import { planOf } from '../../src/verify/plan.ts'
import { verify } from '../../src/verify/verify.ts'
import { COMPLETE } from '../verify/judged.ts'
import { sketch, type Sketch } from '../report/spans.ts'

const runs = 15
const spanCount = 10_000
const expectationCount = 50

const traces = buildTraces(drawn().map(sketch))
const { spec, issues } = parseSpec(specText(), { file: 'bench.yaml' })
if (spec === undefined) throw new Error(issues.map((issue) => issue.message).join('\n'))
const file = { spec, path: 'bench.yaml', sha256: '', warnings: [] }
const observation = {
  traces,
  run: COMPLETE,
  losses: lossless,
  source: 'bench',
  named: true,
  required: true,
}
if (verify(file, observation).status !== 'pass') throw new Error('the benchmark should pass')

const asking: number[] = []
const verifying: number[] = []
// interleaved, so that a busy moment of the machine hits both sides
for (let run = 0; run < runs; run++) {
  asking.push(elapsedMs(askEverything))
  verifying.push(elapsedMs(() => verify(file, observation)))
}
const [ask, whole] = [median(asking), median(verifying)]
console.log(`${spanCount} spans x ${expectationCount} expectations, median of ${runs}`)
console.log(`ask each span for each identity and condition once  ${ask.toFixed(1)} ms`)
console.log(`verify: cases, binding, verdict and findings         ${whole.toFixed(1)} ms`)
console.log(`ratio ${(whole / ask).toFixed(2)}`)

/** The least that any engine has to do without an index: every predicate on every span. */
function askEverything(): number {
  if (spec === undefined) return 0
  let met = 0
  const { nodes } = planOf(spec)
  for (const span of traces.flatMap((trace) => trace.spans)) {
    for (const node of nodes) {
      if (node.is(span) !== 'no' && node.conditions.every((one) => one.holds(span) === 'yes')) met++
    }
  }
  return met
}

function drawn(): readonly Sketch[] {
  const root: Sketch = { id: 1, name: 'root', kind: 'server', from: 0, to: 100_000 }
  const rest = Array.from({ length: spanCount - 1 }, (_, at): Sketch => ({
    id: at + 2,
    parent: Math.floor(at / 10) + 1,
    name: `op${at % 25}`,
    kind: at % 3 === 0 ? 'client' : 'internal',
    from: at,
    to: at + 5 + (at % 7),
    attributes: { k: BigInt(at % 5) },
  }))
  return [root, ...rest]
}

function specText(): string {
  const expectations = Array.from(
    { length: expectationCount - 1 },
    (_, at) =>
      `      - { operation_name: op${at % 25}, relation: descendant, where: { k: ${at % 5} }, count: { min: 0, max: 1000 }, expected_duration_ms: { max: 11 } }`,
  )
  return `name: bench\nexpected_spans:\n  - operation_name: root\n    children:\n${expectations.join('\n')}\n`
}

function elapsedMs(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
