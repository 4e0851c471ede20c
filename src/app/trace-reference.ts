import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import type { Nanos } from '../trace/time.ts'
import { parseTimeWindow, type TimeWindow } from './time-window.ts'

/** How a user names a capture: a path, `-`, `run:ID`, `trace:ID`, `last`, or a time as `since:10m`. */
export type TraceReference =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'trace'; readonly id: TraceId }
  | { readonly kind: 'last' }
  | { readonly kind: 'window'; readonly window: TimeWindow }

/** Reads what the user wrote. An existing path wins; what could be meant in two ways is a Fault. `now` ends what is `since:`. */
export function parseTraceReference(
  text: string,
  { isPath, now }: { readonly isPath: boolean; readonly now: Nanos },
): TraceReference {
  if (isPath) return { kind: 'path', path: text }
  if (text === '-') return { kind: 'stdin' }
  if (text === 'last') return { kind: 'last' }
  if (text.startsWith('run:')) return { kind: 'run', id: text.slice('run:'.length) }
  if (text.startsWith('trace:')) return traceReference(text.slice('trace:'.length), text)
  if (text.startsWith('since:')) {
    return { kind: 'window', window: parseTimeWindow(text.slice('since:'.length), now) }
  }
  throw unknownReference(text)
}

/** Older tools print ids of 64 bits, or leave out leading zeros: W3C Trace Context pads them on the left. */
function traceReference(id: string, text: string): TraceReference {
  const parsed = parseTraceId(id.length < 16 ? id : id.padStart(32, '0'))
  if (parsed !== undefined) return { kind: 'trace', id: parsed }
  throw new Fault('TRACE_NOT_FOUND', `${text} names no trace: a trace id has 32 hex digits, or 16`)
}

function unknownReference(text: string): Fault {
  const parsed = parseTraceId(text)
  if (parsed !== undefined) {
    return new Fault('USAGE', `${text} names no file`, { hint: `did you mean trace:${parsed}?` })
  }
  if (/^r-[a-z0-9]+$/.test(text)) {
    return new Fault('USAGE', `${text} names no file`, { hint: `did you mean run:${text}?` })
  }
  if (/^[a-z][\w+.-]*:\/\//i.test(text)) {
    // not repeated, for it may hold a password
    return new Fault('USAGE', 'a trace is not named by a URL', {
      hint: 'write trace:ID, and the address of its backend after --from',
    })
  }
  return new Fault('TRACE_NOT_FOUND', `there is no file or folder ${text}`, {
    hint: 'a trace is named by a path, -, run:ID, trace:ID, last or since:10m',
  })
}
