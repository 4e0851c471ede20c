import { Fault } from '../trace/fault.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { durationIn, momentIn } from './moment.ts'

/** A time in which spans start, both ends included. */
export interface TimeWindow {
  readonly from: Nanos
  readonly to: Nanos
}

/**
 * Reads `10m`, `10m..5m` or `2026-11-21T10:00:00Z..2026-11-21T10:05:00Z`: how long ago, or a moment; until `now` when no end is
 * named. A Fault USAGE for what is none, and for what begins after it ends.
 */
export function parseTimeWindow(text: string, now: Nanos): TimeWindow {
  const [begin = '', end = 'now', ...more] = text.split('..')
  const [from, to] = [placeIn(begin, now), placeIn(end, now)]
  if (from === undefined || to === undefined || more.length > 0) {
    throw new Fault('USAGE', `since:${text} names no time`, {
      hint: 'write it as since:10m, since:10m..5m or since:2026-11-21T10:00:00Z..2026-11-21T10:05:00Z',
    })
  }
  if (from > to) throw new Fault('USAGE', `since:${text} begins after it ends`)
  return { from, to }
}

function placeIn(text: string, now: Nanos): Nanos | undefined {
  if (text === 'now') return now
  const ago = durationIn(text)
  return ago === undefined ? momentIn(text) : nanosOf(now - ago)
}
