import type { SessionStrip } from '../verify/session.ts'
import { visible } from './sanitize.ts'
import { countsPhrase, weakenedSentence } from './wording/session.ts'

const UNICODE = '▁▂▃▄▅▆▇█'
const ASCII = '_.:-=+*#'

/** The session's line, then a line for each way in which a spec of the last run asks for less than before. */
export function stripLines(strip: SessionStrip, unicode: boolean): readonly string[] {
  const { items = [], omitted = 0, how = null } = strip.weaker ?? {}
  const more = omitted === 0 ? [] : [`and ${omitted} more; ${how ?? ''}`]
  const weaker = items.map((one) => `${weakenedSentence(one)} (${visible(one.at)})`)
  return [stripLine(strip, unicode), ...weaker, ...more]
}

/** The session in one line: how many checks failed in each run, then the counts. */
export function stripLine(strip: SessionStrip, unicode: boolean): string {
  const drawn = bars(strip.failing, unicode)
  return ['session', strip.id, ...(drawn === '' ? [] : ['', drawn]), countsPhrase(strip)].join(' ')
}

/** How many failed in each run; the lowest bar is none, and one that fails is never so low. */
export function bars(failing: readonly number[], unicode: boolean): string {
  const heights = unicode ? UNICODE : ASCII
  const most = Math.max(1, ...failing)
  const highest = heights.length - 1
  return failing.map((count) => heights[Math.ceil((count / most) * highest)] ?? '').join('')
}
