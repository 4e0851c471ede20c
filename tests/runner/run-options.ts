import { EventEmitter } from 'node:events'
import type { RunOptions } from '../../src/runner/outcome.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import { wallClock } from '../processes/endpoint.ts'

/** Options of a run that nobody listens to. */
export function runOptions(given: Partial<RunOptions>): RunOptions {
  const traceId = parseTraceId('4bf92f3577b34da6a3ce929d0e0e4736')
  const spanId = parseSpanId('00f067aa0ba902b7')
  if (traceId === undefined || spanId === undefined) throw new Error('not ids')
  return {
    command: ['true'],
    cwd: process.cwd(),
    env: {},
    endpoint: 'http://127.0.0.1:4999',
    runId: 'r1',
    root: { traceId, spanId },
    receiver: {
      settled: () => Promise.resolve(),
      openConnections: () => 0,
      openRequests: () => 0,
      lastArrival: () => undefined,
      facts: () => ({
        connections: 0,
        grpc_connections: 0,
        tls_connections: 0,
        requests: [],
        cut_requests: 0,
        spans: 0,
        rejected_spans: 0,
      }),
    },
    waitMs: 10_000,
    keepEnv: [],
    preload: false,
    stdio: [0, 1, 2],
    signals: new EventEmitter(),
    now: wallClock,
    ...given,
  }
}
