import { describe, expect, test } from 'vitest'
import { judgeCompleteness, type RunFacts } from '../../src/runner/completeness.ts'
import type { Member } from '../../src/runner/family.ts'
import type { NodeEnd, NodeProcess } from '../../src/runner/notes.ts'
import { nanosOf, type Nanos } from '../../src/trace/time.ts'
import { verifies } from '../verifies.ts'

/** Milliseconds since the run began. */
const at = (ms: number): Nanos => nanosOf(BigInt(ms) * 1_000_000n)

const receiver: RunFacts['receiver'] = {
  connections: 1,
  grpc_connections: 0,
  tls_connections: 0,
  requests: [
    { signal: 'traces', content_type: 'application/x-protobuf', status: 200, requests: 3 },
  ],
  cut_requests: 0,
  spans: 7,
  rejected_spans: 0,
}

const quietRun: RunFacts = {
  main: { pid: 10, command: 'sh', exitCode: 0, signal: undefined, endedAt: at(1000) },
  members: [],
  nodes: [],
  survivors: { pids: new Set(), quiet: true },
  exportDelayMs: 100,
  timeoutMs: undefined,
  interrupted: false,
  openConnections: 0,
  receiver,
}

function member(pid: number, given: Partial<Member> = {}): Member {
  return {
    pid,
    started: '1',
    command: 'worker',
    lastAlive: at(800),
    endedBy: at(850),
    endSignal: 0,
    ...given,
  }
}

function nodeEnd(
  given: Partial<Omit<NodeEnd, 'held'>> & { held?: Partial<NodeEnd['held']> } = {},
): NodeEnd {
  return {
    at: at(900),
    exitCode: 0,
    crashed: false,
    ranEmpty: false,
    shutDown: false,
    delayMs: undefined,
    traceIds: [],
    ...given,
    held: {
      provider: 'NodeTracerProvider',
      spans_waiting: 0,
      exporting: false,
      sampler: null,
      exporters: [],
      tracers: 1,
      changed_variables: [],
      packages: [],
      ...given.held,
    },
  }
}

function node(pid: number, given: Partial<NodeProcess> = {}): NodeProcess {
  return {
    pid,
    command: 'node app.js',
    startedAt: at(100),
    end: undefined,
    terminated: undefined,
    threads: [],
    openThreads: 0,
    ...given,
  }
}

const judge = (given: Partial<RunFacts>): ReturnType<typeof judgeCompleteness>['evidence'] =>
  judgeCompleteness({ ...quietRun, ...given }).evidence

test('when all have ended and every connection is drained, nothing more can come', () => {
  verifies('X-02')
  expect(judge({ members: [member(11)], nodes: [node(12, { end: nodeEnd() })] })).toEqual({
    complete: true,
    reasons: [
      { code: 'all_processes_ended', processes: 3 },
      { code: 'connections_drained', connections: 1 },
    ],
    lossyEnds: [],
  })
})

describe('what a run as a whole can lose', () => {
  test.for<{ given: Partial<RunFacts>; reason: object }>([
    { given: { timeoutMs: 500 }, reason: { code: 'time_limit', timeout_ms: 500 } },
    { given: { interrupted: true }, reason: { code: 'interrupted' } },
    { given: { openConnections: 2 }, reason: { code: 'still_connected', connections: 2 } },
    {
      given: { receiver: { ...receiver, rejected_spans: 4 } },
      reason: { code: 'spans_rejected', spans: 4 },
    },
    {
      given: { receiver: { ...receiver, cut_requests: 1 } },
      reason: { code: 'request_cut', requests: 1 },
    },
    {
      given: {
        receiver: {
          ...receiver,
          requests: [{ signal: 'traces', content_type: 'x/y', status: 413, requests: 2 }],
        },
      },
      reason: { code: 'request_refused', status: 413, requests: 2 },
    },
  ])('$reason', ({ given, reason }) => {
    verifies('X-02')
    expect(judge(given)).toEqual({ complete: false, reasons: [reason], lossyEnds: [] })
  })

  test('a refused metrics request loses no span', () => {
    const requests = [
      { signal: 'metrics', content_type: 'x/y', status: 400, requests: 1 },
      { signal: 'other', content_type: '', status: 404, requests: 1 },
    ] as const
    expect(judge({ receiver: { ...receiver, requests } }).complete).toBe(true)
  })
})

describe('what the end of one process can lose', () => {
  const main = { ...quietRun.main, pid: 10 }

  test.for<{ what: string; given: Partial<RunFacts>; from: number; to: number; reason: object }>([
    {
      what: 'a killed Node process that was never seen again',
      given: { nodes: [node(11)], members: [member(11)] },
      from: 600,
      to: 851,
      reason: { code: 'end_unseen', pid: 11, command: 'node app.js' },
    },
    {
      what: 'a killed Node process that lived between two looks',
      given: { nodes: [node(11)] },
      from: -100,
      to: 1001,
      reason: { code: 'end_unseen', pid: 11, command: 'node app.js' },
    },
    {
      what: 'a signal that ended the command',
      given: { main: { ...main, exitCode: undefined, signal: 'SIGSEGV' }, members: [member(10)] },
      from: 600,
      to: 1001,
      reason: { code: 'ended_by_signal', pid: 10, command: 'sh', signal: 'SIGSEGV' },
    },
    {
      what: 'a shell that reports a child killed by a signal',
      given: { main: { ...main, exitCode: 139 } },
      from: 800,
      to: 1001,
      reason: { code: 'ended_by_signal', pid: 10, command: 'sh', signal: 'SIGSEGV' },
    },
    {
      what: 'a zombie whose status names a signal',
      given: { members: [member(11, { endSignal: 9 })] },
      from: 600,
      to: 851,
      reason: { code: 'ended_by_signal', pid: 11, command: 'worker', signal: 'SIGKILL' },
    },
    {
      what: 'a provider that cannot be read at process.exit',
      given: { nodes: [node(11, { end: nodeEnd({ held: { spans_waiting: null } }) })] },
      from: 700,
      to: 901,
      reason: { code: 'spans_at_exit_unknown', pid: 11, command: 'node app.js' },
    },
    {
      what: 'spans waiting behind a longer delay of the program',
      given: {
        nodes: [node(11, { end: nodeEnd({ delayMs: 400, held: { spans_waiting: 3 } }) })],
      },
      from: 100,
      to: 901,
      reason: { code: 'spans_waiting_at_exit', pid: 11, command: 'node app.js', spans: 3 },
    },
    {
      what: 'SIGTERM that found a live SDK',
      given: { nodes: [node(11, { terminated: nodeEnd() })], members: [member(11)] },
      from: 700,
      to: 851,
      reason: { code: 'ended_by_signal', pid: 11, command: 'node app.js', signal: 'SIGTERM' },
    },
    {
      what: 'SIGTERM that found no SDK but a thread that may have had one',
      given: {
        nodes: [node(11, { terminated: nodeEnd({ held: { provider: null } }), openThreads: 1 })],
        members: [member(11)],
      },
      from: 700,
      to: 851,
      reason: { code: 'ended_by_signal', pid: 11, command: 'node app.js', signal: 'SIGTERM' },
    },
    {
      what: 'a process of another user that we could not end',
      given: { members: [member(11, { endedBy: undefined })] },
      from: 600,
      to: 1001,
      reason: { code: 'end_unseen', pid: 11, command: 'worker' },
    },
  ])('$what', ({ given, from, to, reason }) => {
    verifies('X-02')
    const pid = 'pid' in reason ? reason.pid : undefined
    expect(judge(given)).toEqual({
      complete: false,
      reasons: [reason],
      lossyEnds: [{ pid, from: at(from), to: at(to), reason, traceIds: [] }],
    })
  })

  test.for<{ what: string; given: Partial<RunFacts> }>([
    {
      what: 'a provider that cannot be read when the event loop had run empty',
      given: {
        nodes: [node(11, { end: nodeEnd({ ranEmpty: true, held: { spans_waiting: null } }) })],
      },
    },
    {
      what: 'no provider at all',
      given: {
        nodes: [node(11, { end: nodeEnd({ held: { provider: null, spans_waiting: null } }) })],
      },
    },
    {
      what: 'SIGTERM after the SDK was shut down',
      given: { nodes: [node(11, { terminated: nodeEnd({ shutDown: true }) })] },
    },
    {
      what: 'a shell that exits with a code of its own',
      given: { main: { ...main, exitCode: 143 } },
    },
  ])('$what loses nothing', ({ given }) => {
    verifies('X-02')
    expect(judge(given)).toMatchObject({ complete: true, lossyEnds: [] })
  })
})

describe('processes that outlived the command', () => {
  const survivors = { pids: new Set([11]), quiet: true }

  test('ended by us after the quiet period, they lose nothing and are named', () => {
    verifies('X-02')
    expect(judge({ survivors, nodes: [node(11)], members: [member(11)] })).toEqual({
      complete: true,
      reasons: [
        { code: 'all_processes_ended', processes: 2 },
        { code: 'connections_drained', connections: 1 },
        { code: 'outlived_command', pid: 11, command: 'node app.js' },
      ],
      lossyEnds: [],
    })
  })

  test('ended by us before they were quiet, they lose what they had', () => {
    verifies('X-02')
    expect(
      judge({
        survivors: { ...survivors, quiet: false },
        nodes: [node(11)],
        members: [member(11)],
      }),
    ).toMatchObject({
      complete: false,
      reasons: [{ code: 'end_unseen' }, { code: 'outlived_command' }],
    })
  })

  test('one that is not Node and was not quiet when we ended it is lossy, too', () => {
    verifies('X-02')
    expect(
      judge({ survivors: { ...survivors, quiet: false }, members: [member(11)] }),
    ).toMatchObject({
      complete: false,
      reasons: [{ code: 'end_unseen', command: 'worker' }, { code: 'outlived_command' }],
    })
  })
})

describe('a server that we ended', () => {
  const main = { ...quietRun.main, exitCode: undefined, signal: 'SIGTERM' }
  const stopped = { pids: new Set([10]), quiet: true }
  const term = nodeEnd({ shutDown: true })

  test.for<{ what: string; given: Partial<RunFacts>; reasons: readonly string[] }>([
    { what: 'at rest has lost nothing', given: { stopped }, reasons: [] },
    {
      what: 'that flushed and exited has lost nothing',
      given: { stopped, nodes: [node(10, { end: nodeEnd({ exitCode: 3 }) })] },
      reasons: [],
    },
    {
      what: 'that exited with spans that it had just made has lost them',
      given: { stopped, nodes: [node(10, { end: nodeEnd({ held: { spans_waiting: 2 } }) })] },
      reasons: ['spans_waiting_at_exit'],
    },
    {
      what: 'and killed may have lost what was active',
      given: { stopped: { ...stopped, pids: new Set() }, nodes: [node(10)] },
      reasons: ['ended_by_signal'],
    },
    {
      what: 'and killed when its SDK had been shut down has lost nothing',
      given: {
        stopped: { ...stopped, pids: new Set() },
        nodes: [node(10, { terminated: term })],
      },
      reasons: [],
    },
    {
      what: 'while spans still came may have lost some',
      given: { stopped: { ...stopped, quiet: false } },
      reasons: ['ended_by_signal'],
    },
  ])('$what', ({ given, reasons }) => {
    verifies('X-02')
    const evidence = judge({ main, ...given })
    expect({
      complete: evidence.complete,
      lossy: evidence.lossyEnds.map(({ reason }) => reason.code),
    }).toEqual({ complete: reasons.length === 0, lossy: reasons })
  })
})
