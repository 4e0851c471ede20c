import { expect, test } from 'vitest'
import type { OwnRoot } from '../../src/app/own-root.ts'
import { readTrace, type ReadPorts } from '../../src/app/read-trace.ts'
import { Fault } from '../../src/trace/fault.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { SourceKind, SourceTrace, TraceSource } from '../../src/trace/source.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, spanIdOf, TRACE_ID, traceIdOf } from '../report/spans.ts'
import { verifies } from '../verifies.ts'

const root = sketch({ id: 1, name: 'POST /checkout', from: 0, to: 100 })
const child = sketch({ id: 2, parent: 1, name: 'order.write', from: 10, to: 20 })
const orphan = sketch({ id: 3, parent: 9, name: 'mail.send', from: 10, to: 20 })
const run = 'r-0000000000001'

interface Told {
  /** The codes of the evidence, or that of the Fault. */
  readonly says: readonly string[]
  readonly isWhole: boolean
  readonly spans: number
  /** When the source was asked, in milliseconds. */
  readonly askedAt: readonly number[]
  readonly waitsTold: number
}

type Answer =
  | readonly Span[]
  | { readonly spans: readonly Span[]; readonly cut: string }
  | undefined

interface Asking {
  readonly waitMs?: number
  /** How long ago the trace ended. */
  readonly agoMs?: number
  readonly kind?: SourceKind
}

/** Reads from a source that gives these answers, the last again and again, by a clock that only pauses move. */
async function told(
  answers: readonly Answer[],
  { waitMs = 10_000, agoMs = 0, kind = 'jaeger' }: Asking = {},
): Promise<Told> {
  let [nowMs, waitsTold] = [0, 0]
  const askedAt: number[] = []
  const source: TraceSource = {
    capabilities: { kind, losses: lossless, pushesDown: [], needsService: false },
    trace: () => {
      const answer = answers[Math.min(askedAt.length, answers.length - 1)]
      askedAt.push(nowMs)
      return Promise.resolve(answerOf(answer))
    },
    search: () => Promise.reject(new Error('nobody searches')),
  }
  const read = await outcomeOf({
    source,
    name: 'jaeger',
    waitMs,
    now: () => nanosOf(root.end + BigInt(agoMs + nowMs) * 1_000_000n),
    pause: (ms) => {
      nowMs += ms
      return Promise.resolve()
    },
    ownRootOf,
    onWaiting: () => {
      waitsTold += 1
    },
  })
  return { ...read, askedAt, waitsTold }
}

function answerOf(answer: Answer): SourceTrace | undefined {
  if (answer === undefined) return undefined
  const { spans, cut } = 'spans' in answer ? answer : { spans: answer, cut: undefined }
  return { spans, losses: lossless, cut }
}

async function outcomeOf(ports: ReadPorts): Promise<Pick<Told, 'says' | 'isWhole' | 'spans'>> {
  try {
    const { reasons, isWhole, spans } = await readTrace(TRACE_ID, ports)
    return { says: reasons.map(({ code }) => code), isWhole, spans: spans.length }
  } catch (error) {
    if (error instanceof Fault) return { says: [error.code], isWhole: false, spans: 0 }
    throw error
  }
}

test.for<readonly [string, readonly Answer[], Asking, Told]>([
  [
    'what a file does not have is not waited for',
    [undefined],
    { kind: 'file' },
    { says: ['TRACE_NOT_FOUND'], isWhole: false, spans: 0, askedAt: [0], waitsTold: 0 },
  ],
  [
    'the same twice is whole',
    [[root, child]],
    {},
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 1000, 6000], waitsTold: 1 },
  ],
  [
    'what other programs still hold back is waited for',
    [[root], [root], [root, child]],
    { waitMs: 20_000 },
    {
      says: ['trace_settled'],
      isWhole: true,
      spans: 2,
      askedAt: [0, 1000, 6000, 7000],
      waitsTold: 1,
    },
  ],
  [
    'what ended a while ago needs less of it',
    [[root, child]],
    { agoMs: 3000 },
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 1000, 3000], waitsTold: 1 },
  ],
  [
    'what ends in the future by its own clock must stay the same for as long',
    [[root, child]],
    { agoMs: -3_600_000 },
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 1000, 6000], waitsTold: 1 },
  ],
  [
    'what has just ended is not whole where the time is too short',
    [[root, child]],
    { waitMs: 2000 },
    { says: ['trace_recent'], isWhole: false, spans: 2, askedAt: [0, 1000], waitsTold: 1 },
  ],
  [
    'the order of spans does not count',
    [
      [root, child],
      [child, root],
    ],
    {},
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 1000, 6000], waitsTold: 1 },
  ],
  [
    'what ended long ago is asked for twice at once',
    [[root, child]],
    { agoMs: 70_000 },
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 100], waitsTold: 0 },
  ],
  [
    'a parent that is missing for long will not come',
    [[root, child, orphan]],
    { agoMs: 70_000 },
    { says: ['trace_settled'], isWhole: true, spans: 3, askedAt: [0, 100], waitsTold: 0 },
  ],
  [
    'a parent that may come is waited for',
    [[child], [child], [child], [root, child]],
    { waitMs: 20_000 },
    {
      says: ['trace_settled'],
      isWhole: true,
      spans: 2,
      askedAt: [0, 1000, 2000, 3000, 4000, 6000],
      waitsTold: 1,
    },
  ],
  [
    'and not for ever',
    [[child]],
    { waitMs: 2500 },
    { says: ['trace_recent'], isWhole: false, spans: 1, askedAt: [0, 1000, 2000], waitsTold: 1 },
  ],
  [
    'what grew at last is not whole',
    [[root], [root, child], [root, child, { ...child, spanId: spanIdOf(4) }]],
    { waitMs: 2000 },
    { says: ['trace_growing'], isWhole: false, spans: 3, askedAt: [0, 1000, 2000], waitsTold: 1 },
  ],
  [
    'a span that got another end has changed',
    [[root], [{ ...root, end: nanosOf(root.end + 1n) }]],
    { waitMs: 1000 },
    { says: ['trace_growing'], isWhole: false, spans: 1, askedAt: [0, 1000], waitsTold: 1 },
  ],
  [
    'what is asked for once is not whole',
    [[root, child]],
    { waitMs: 0 },
    { says: ['trace_read_once'], isWhole: false, spans: 2, askedAt: [0], waitsTold: 0 },
  ],
  [
    'what its source cuts is not whole, however often it is asked for',
    [{ spans: [root, child], cut: 'over the limit' }],
    {},
    {
      says: ['trace_recent', 'source_cut'],
      isWhole: false,
      spans: 2,
      askedAt: [0, 1000],
      waitsTold: 1,
    },
  ],
  [
    'what comes late is waited for',
    [undefined, [], [root, child]],
    {},
    {
      says: ['trace_settled'],
      isWhole: true,
      spans: 2,
      askedAt: [0, 1000, 2000, 3000, 6000],
      waitsTold: 1,
    },
  ],
  [
    'what never comes is not found',
    [undefined],
    { waitMs: 2000 },
    { says: ['TRACE_NOT_FOUND'], isWhole: false, spans: 0, askedAt: [0, 1000, 2000], waitsTold: 1 },
  ],
  [
    'what hangs below the span of tracespec is a root',
    [[ofRun(root), child]],
    {},
    { says: ['trace_settled'], isWhole: true, spans: 2, askedAt: [0, 1000, 6000], waitsTold: 1 },
  ],
])('%s', async ([, answers, asking, expected]) => {
  verifies('P-27')
  expect(await told(answers, asking)).toEqual(expected)
})

test('an answer with another trace is refused', async () => {
  const other = { ...child, traceId: traceIdOf('ab'.repeat(16)) }
  expect((await told([[root, other]])).says).toEqual(['SOURCE_INVALID'])
})

function ownRootOf(id: string): OwnRoot {
  if (id !== run) throw new Error(`no run ${id}`)
  return { spanId: spanIdOf(77) }
}

/** A first span of a program that `tracespec run` started. */
function ofRun(span: Span): Span {
  const attributes = new Map([...span.resource.attributes, ['tracespec.run.id', run] as const])
  return { ...span, parentSpanId: spanIdOf(77), resource: { ...span.resource, attributes } }
}
