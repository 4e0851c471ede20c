import { expect, test } from 'vitest'
import { checkDelivery } from '../../src/app/delivery.ts'
import { deliverySentence } from '../../src/report/wording/delivery.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { SourceTrace, TraceSource } from '../../src/trace/source.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { verifies } from '../verifies.ts'

const root = sketch({ id: 1, name: 'POST /checkout', from: 0, to: 100 })
const child = sketch({ id: 2, parent: 1, name: 'order.write', from: 10, to: 20 })

/** What is said of a delivery when each answer takes so long, by a clock that only answers and pauses move. */
async function said(
  sent: readonly Span[],
  answer: Omit<SourceTrace, 'losses'> | undefined,
  answerMs = 10,
): Promise<readonly [status: string, sentence: string, asked: number]> {
  let [nowMs, asked] = [0, 0]
  const source: TraceSource = {
    capabilities: { kind: 'tempo', losses: lossless, pushesDown: [], needsService: false },
    trace: async () => {
      asked += 1
      nowMs += answerMs
      return answer && { ...answer, losses: lossless }
    },
    search: async () => ({ items: [], total: 0, cursor: undefined, cutAt: undefined }),
  }
  const delivery = await checkDelivery(sent, {
    source,
    name: 'prod',
    waitMs: 1000,
    now: () => nanosOf(BigInt(nowMs) * 1_000_000n),
    pause: async (ms) => {
      nowMs += ms
    },
  })
  return [delivery.status, deliverySentence(delivery), asked]
}

test('what is missing in an answer that the backend itself cut is not lost', async () => {
  verifies('P-33', 'X-01')
  const cut = 'the trace is larger than max_bytes_per_trace'
  expect(await said([root, child], { spans: [root], cut })).toEqual([
    'inconclusive',
    `prod has shown 1 of 2 spans after 790 ms. What else it has is not known: it gave a part of a trace (${cut}). Not seen there: \`order.write\` (shop).`,
    4,
  ])
  expect((await said([root, child], { spans: [root], cut: undefined }))[0]).toBe('fail')
  expect((await said([root], { spans: [root], cut }))[0]).toBe('pass')
})

test('a backend that answers slowly is given up, and what was not asked for is not lost', async () => {
  verifies('P-33', 'X-01')
  const sent = Array.from({ length: 50 }, (_, at) => ({
    ...root,
    traceId: traceIdOf((at + 1).toString(16).padStart(32, '0')),
  }))
  const [status, sentence, asked] = await said(sent, undefined, 3000)
  expect([status, asked]).toEqual(['inconclusive', 4])
  expect(sentence).toMatch(
    /^prod has shown 0 of 50 spans after 12\.0 s\. What else it has is not known: the time was up before every trace was asked for\. Not seen there: /,
  )
})
