import { expect, test } from 'vitest'
import { judge, type Demands } from '../../src/app/judge.ts'
import { chooseSpecs } from '../../src/app/spec-files.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { lossless } from '../../src/trace/losses.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import { verifies } from '../verifies.ts'

/** One request a line: its server span, then what is below it. */
function requests(...lines: readonly (readonly string[])[]) {
  const spans = lines.flatMap(([root, ...children], at) =>
    [root, ...children].map((name, index) => ({
      traceId: String(at + 1).padStart(32, '0'),
      spanId: `${at + 1}${index}`.padStart(16, 'a'),
      ...(index === 0 ? {} : { parentSpanId: `${at + 1}0`.padStart(16, 'a') }),
      name,
      kind: index === 0 ? 2 : 1,
      startTimeUnixNano: String(1000 + index),
      endTimeUnixNano: '2000',
    })),
  )
  const document = { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] }
  const traces = buildTraces(decodeTracesText(JSON.stringify(document)).spans)
  return { traces, source: 'test', run: undefined, losses: lossless }
}

function specs(...texts: readonly string[]) {
  const sources = texts.map((text, at) => ({ path: `${at}.yaml`, sha256: '', read: { text } }))
  return chooseSpecs(() => sources, [])
}

const orders = `name: orders
expected_spans:
  - operation_name: POST /orders
  - operation_name: reserve
`

const none: Demands = {
  specsNamed: false,
  captureNamed: false,
  requireAll: false,
  exercisedBefore: [],
}

interface Case {
  readonly what: string
  readonly texts: readonly string[]
  readonly capture: ReturnType<typeof requests>
  readonly demands?: Partial<Demands>
  readonly answer: readonly string[]
}

const guard = `name: guard
forbidden_spans:
  - operation_name: DELETE everything
`

const cases: readonly Case[] = [
  {
    what: 'a spec with a case is judged',
    texts: [orders],
    capture: requests(['POST /orders', 'reserve']),
    answer: ['orders pass'],
  },
  {
    what: 'a spec without a case is not exercised',
    texts: [orders],
    capture: requests(['GET /health']),
    answer: ['orders not_exercised'],
  },
  {
    what: 'an entry that holds another required identity of it, and that no spec judges, makes it count',
    texts: [orders],
    capture: requests(['PUT /orders', 'reserve']),
    answer: ['orders fail'],
  },
  {
    what: 'such an entry that another spec judges does not',
    texts: [orders, 'name: put\nexpected_spans:\n  - operation_name: PUT /orders\n'],
    capture: requests(['PUT /orders', 'reserve']),
    answer: ['put pass', 'orders not_exercised'],
  },
  {
    what: 'a guard judges every entry',
    texts: [guard],
    capture: requests(['GET /a'], ['GET /b', 'DELETE everything']),
    answer: ['guard fail'],
  },
  {
    what: 'the last passing run makes it count',
    texts: [orders],
    capture: requests(['GET /health']),
    demands: { exercisedBefore: ['orders'] },
    answer: ['orders fail'],
  },
  {
    what: 'named by the user it counts',
    texts: [orders],
    capture: requests(['GET /health']),
    demands: { specsNamed: true },
    answer: ['orders fail'],
  },
]

test.for(cases)('$what', ({ texts, capture, demands, answer }) => {
  verifies('X-01')
  const { specs: judged, notExercised } = judge(specs(...texts), capture, { ...none, ...demands })
  expect([
    ...judged.map(({ spec, status }) => `${spec.name} ${status}`),
    ...notExercised.map(({ name }) => `${name} not_exercised`),
  ]).toEqual(answer)
})

test('on a run that lost spans a required spec without a case is open, not failed', () => {
  verifies('X-01')
  const capture = {
    ...requests(['GET /health']),
    run: { complete: false, reasons: [{ code: 'interrupted' as const }], lossyEnds: [] },
  }
  const { specs: judged } = judge(specs(orders), capture, { ...none, requireAll: true })
  expect(judged.map(({ status }) => status)).toEqual(['inconclusive'])
})
