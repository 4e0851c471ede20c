import type { ReceiverFacts, RequestFacts } from '../trace/diagnosis.ts'
import type { Accepted } from '../trace/ports.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

export interface Answered {
  readonly signal: RequestFacts['signal']
  readonly contentType: string
  readonly status: number
  /** Undefined for what was not taken in. */
  readonly accepted: Accepted | undefined
}

/** Counts the requests of a receiver. */
export interface Tally {
  /** A request has begun, which `answered` or `cut` ends. */
  began(): void
  answered(request: Answered): void
  /** A request never came whole. */
  cut(): void
  openRequests(): number
  lastArrival(): Nanos | undefined
  requestFacts(): Pick<ReceiverFacts, 'requests' | 'cut_requests' | 'spans' | 'rejected_spans'>
}

/** Starts counting at zero. */
export function openTally(): Tally {
  const requests = new Map<string, RequestFacts>()
  let [cutRequests, spans, rejectedSpans, openRequests] = [0, 0, 0, 0]
  let lastArrival: Nanos | undefined
  return {
    began() {
      openRequests += 1
    },
    answered({ signal, contentType, status, accepted }) {
      openRequests -= 1
      const sort = JSON.stringify([signal, contentType, status])
      const before = requests.get(sort)?.requests ?? 0
      requests.set(sort, { signal, content_type: contentType, status, requests: before + 1 })
      if (signal !== 'traces' || accepted === undefined) return
      spans += accepted.stored
      rejectedSpans += accepted.rejected
      if (accepted.stored > 0) lastArrival = now()
    },
    cut() {
      openRequests -= 1
      cutRequests += 1
    },
    openRequests: () => openRequests,
    lastArrival: () => lastArrival,
    requestFacts: () => ({
      requests: [...requests]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, request]) => request),
      cut_requests: cutRequests,
      spans,
      rejected_spans: rejectedSpans,
    }),
  }
}

function now(): Nanos {
  return nanosOf(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)))
}
