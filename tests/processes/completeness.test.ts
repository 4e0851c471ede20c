import { describe, expect, test } from 'vitest'
import type { EvidenceReason } from '../../src/trace/evidence.ts'
import { verifies } from '../verifies.ts'
import { runProgram, type Ran } from './run-program.ts'

/** What evidence says, without process ids and times. */
function told({ outcome }: Ran): { complete: boolean; codes: string[]; lossy: string[] } {
  const { complete, reasons, lossyEnds } = outcome.evidence
  return {
    complete,
    codes: reasons.map(({ code }) => code),
    lossy: lossyEnds.map(({ reason }) => labelOf(reason)),
  }
}

function labelOf(reason: EvidenceReason): string {
  return 'command' in reason ? `${reason.code} ${reason.command}` : reason.code
}

const ended = ['all_processes_ended', 'connections_drained']

describe('ends that lose nothing', () => {
  test.for([
    { program: 'natural-end.mjs', exit: 0 },
    { program: 'shutdown-then-exit.mjs', exit: 0 },
    { program: 'failing-test.mjs', exit: 3 },
    { program: 'no-spans.mjs', exit: 0 },
    { program: 'no-sdk.mjs', exit: 0 },
    { program: 'forks.mjs', exit: 0 },
  ])('$program is complete', async ({ program, exit }) => {
    verifies('X-02')
    const ran = await runProgram([program])
    expect(ran.outcome.exitCode).toBe(exit)
    expect(told(ran)).toEqual({ complete: true, codes: ended, lossy: [] })
    expect(ran.outcome.waitedMs).toBeLessThan(300)
  })
})

describe('ends that lose spans', () => {
  test.for([
    { program: 'exit-at-once.mjs', lossy: 'spans_waiting_at_exit node exit-at-once.mjs' },
    {
      program: 'simple-processor-exit.mjs',
      lossy: 'export_unfinished node simple-processor-exit.mjs',
    },
    { program: 'crash.mjs', lossy: 'crashed node crash.mjs' },
    { program: 'kill-itself.mjs', lossy: 'ended_by_signal node kill-itself.mjs' },
    { program: 'exit-after-second.cjs', lossy: 'spans_waiting_at_exit node exit-after-second.cjs' },
    { program: 'callee-killed.cjs', lossy: 'end_unseen node answer-and-die.cjs' },
    { program: 'worker-exit.mjs', lossy: 'spans_waiting_at_exit node worker-exit.mjs' },
  ])('$program is partial', async ({ program, lossy }) => {
    verifies('X-02')
    const ran = await runProgram([program])
    expect(told(ran)).toEqual({ complete: false, codes: [lossy.split(' ')[0]], lossy: [lossy] })
    expect(ran.outcome.waitedMs).toBeLessThan(300)
  })
})

test('process.exit right after the second of two requests loses the second trace alone', async () => {
  verifies('X-02')
  const { outcome, endpoint } = await runProgram(['exit-after-second.cjs'])
  const [lossy] = outcome.evidence.lossyEnds
  const kept = await endpoint.spans()
  expect([
    (await endpoint.received('/first')) > 0,
    (await endpoint.received('/second')) > 0,
  ]).toEqual([true, false])
  expect(kept.filter((span) => lossy?.traceIds.includes(span.traceId))).toEqual([])
  expect(kept.filter((span) => span.end >= (lossy?.from ?? 0n))).toEqual([])
})

test('the window of a callee that was killed right after it answered holds the call', async () => {
  verifies('X-02')
  const { outcome, endpoint } = await runProgram(['callee-killed.cjs'])
  const [lossy] = outcome.evidence.lossyEnds
  const calls = (await endpoint.spans()).map(({ kind, start, end }) => ({
    kind,
    within: lossy !== undefined && end >= lossy.from && start <= lossy.to,
  }))
  expect(calls).toEqual([{ kind: 'client', within: true }])
})

describe('a child that its parent ends by SIGTERM, as test runners end their workers', () => {
  test.for([
    { program: 'ready-idle.mjs', complete: true, lossy: [] },
    { program: 'ready-shut-down.mjs', complete: true, lossy: [] },
    { program: 'ready-flushes.mjs', complete: true, lossy: [] },
    {
      program: 'ready-waiting.mjs',
      complete: false,
      lossy: ['ended_by_signal node ready-waiting.mjs'],
    },
    { program: 'chatter.mjs', complete: false, lossy: ['ended_by_signal node chatter.mjs'] },
  ])('$program: complete is $complete', async ({ program, complete, lossy }) => {
    verifies('X-02')
    const ran = await runProgram(['terminates.mjs', program])
    expect(told(ran)).toMatchObject({ complete, lossy })
  })

  test('it ends as it would without us, and its own listener sees no other', async () => {
    const { outcome, endpoint } = await runProgram(['terminates.mjs', 'ready-flushes.mjs'])
    expect(await endpoint.received('last of 1 listeners')).toBe(1)
    expect(outcome.processes.map(({ end, exit_code }) => [end, exit_code])).toEqual([
      ['exit', 0],
      ['exit', 0],
    ])
  })
})
