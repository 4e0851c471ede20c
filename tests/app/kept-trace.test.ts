import { expect, test } from 'vitest'
import { openCapture, type CapturePorts } from '../../src/app/captures.ts'
import { foundMembers, namedMembers } from '../../src/app/collection-members.ts'
import { keptInWindow } from '../../src/app/window-capture.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import type { RunStore } from '../../src/trace/ports.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { ownRootOf } from '../../src/wire.ts'
import { temporaryStore } from '../store/temporary.ts'
import { span, spanId, traceId } from '../trace/spans.ts'

const whole: RunEvidence = { complete: true, reasons: [], lossyEnds: [] }
const killed: RunEvidence = { complete: false, reasons: [{ code: 'interrupted' }], lossyEnds: [] }

const root = span({ id: 1, kind: 'server' })
const child = span({ id: 2, parent: 1 })
const late = span({ id: 3, parent: 1, start: 5 })

const reference = `trace:${traceId(1)}`

test('a trace that several runs sent alike is that of the newest, with the evidence of the newest', async () => {
  await using opened = temporaryStore()
  const { store } = opened
  await keepRun(store, { id: 'whole', spans: [root, child], evidence: whole })
  await keepRun(store, { id: 'killed', spans: [root], evidence: killed })
  const capture = await openCapture([reference], portsOf(store))
  expect([idsOf(capture), capture.run]).toEqual([[spanId(1)], killed])
  const members = namedMembers([reference], { store, open: opener(store) })
  const [member] = await Array.fromAsync(members)
  expect([member && idsOf(member.capture), member?.capture?.run]).toEqual([[spanId(1)], killed])
})

test('each run of a collection is judged by its own spans and its own evidence', async () => {
  await using opened = temporaryStore()
  const { store } = opened
  await keepRun(store, { id: 'killed', spans: [root, child], evidence: killed })
  await store.write('traces', encodeTraces([root, child, late]), null)
  await keepRun(store, { id: 'whole', spans: [root], evidence: whole })
  const members = await Array.fromAsync(foundMembers({}, 100, { store, open: opener(store) }))
  const judged = members.map(({ capture }) => `${idsOf(capture).length} ${capture?.run?.complete}`)
  expect(judged.toSorted()).toEqual(['1 true', '2 false', '3 undefined'])
})

test.for([
  ['a whole run', whole, undefined],
  ['a run that was killed', killed, killed],
] as const)('what came beside %s belongs to its trace', async ([, evidence, left]) => {
  await using opened = temporaryStore()
  const { store } = opened
  await keepRun(store, { id: 'r', spans: [root, child], evidence })
  await store.write('traces', encodeTraces([late]), null)
  const capture = await openCapture([reference], portsOf(store))
  expect([idsOf(capture), capture.run]).toEqual([[spanId(1), spanId(2), spanId(3)], left])
})

test('a time holds what each of two runs sent of one trace', async () => {
  await using opened = temporaryStore()
  const { store } = opened
  await keepRun(store, { id: 'first', spans: [root, child], evidence: whole })
  await keepRun(store, { id: 'second', spans: [late], evidence: whole })
  const window = { from: nanosOf(0n), to: nanosOf(10n ** 18n) }
  const now = (): ReturnType<typeof nanosOf> => nanosOf(2n * 10n ** 18n)
  const found = await keptInWindow(
    window,
    { store, ownRootOf },
    { now, waitMs: 0, pause: async () => {} },
  )
  expect(found.spans.map((one) => one.spanId).toSorted()).toEqual([spanId(1), spanId(2), spanId(3)])
})

async function keepRun(
  store: RunStore,
  run: { readonly id: string; readonly spans: readonly Span[]; readonly evidence: RunEvidence },
): Promise<void> {
  const [startedAt, endedAt] = [nanosOf(1n), nanosOf(2n)]
  await store.begin({ id: run.id, command: ['x'], cwd: '/', startedAt })
  await store.write('traces', encodeTraces(run.spans), run.id)
  await store.finish(run.id, {
    endedAt,
    exitCode: 0,
    signal: undefined,
    evidence: run.evidence,
    status: 'pass',
    exercised: [],
    resultJson: '{}',
  })
}

function portsOf(store: RunStore): CapturePorts {
  return {
    isPath: () => false,
    traceFile: async () => {
      throw new RangeError('no file is named')
    },
    store: async () => store,
    ownRootOf,
    patience: { now: () => nanosOf(0n), waitMs: 0, pause: async () => {} },
  }
}

function opener(store: RunStore): Parameters<typeof namedMembers>[1]['open'] {
  return (named, runOf) => openCapture([named], { ...portsOf(store), runOf })
}

function idsOf(capture: Awaited<ReturnType<typeof openCapture>> | undefined): readonly string[] {
  return (capture?.traces ?? []).flatMap(({ spans }) => spans.map((one) => one.spanId)).toSorted()
}
