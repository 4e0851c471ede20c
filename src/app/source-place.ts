import type { Attributes, Span } from '../trace/span.ts'
import type { SourcePlace } from '../verify/session.ts'
import { spanRef } from '../verify/shown.ts'

/** Where a span says that its code stands; undefined unless that is a file of the project, which `resolve` says. */
export function sourcePlaceOf(
  span: Span,
  resolve: (path: string) => string | undefined,
): SourcePlace | undefined {
  const named = [...codeAttributes(span.attributes), ...stackFrames(span)]
  for (const { path, line, told_by } of named.slice(0, MAX_FRAMES)) {
    const own = resolve(path)
    if (own !== undefined) return { path: own, line, told_by, span: spanRef(span) }
  }
  return undefined
}

type Named = Omit<SourcePlace, 'span'>

const MAX_FRAMES = 50

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/, and the names before version 1.30 */
function codeAttributes(attributes: Attributes): readonly Named[] {
  const path = attributes.get('code.file.path') ?? attributes.get('code.filepath')
  if (typeof path !== 'string') return []
  const line = lineOf(attributes.get('code.line.number') ?? attributes.get('code.lineno'))
  return [{ path, line, told_by: 'code_attributes' }]
}

function lineOf(value: unknown): number | null {
  const line = typeof value === 'bigint' ? Number(value) : value
  return typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line : null
}

const MAX_TEXT = 20_000

/** The frames of a recorded exception, innermost first as far as its language writes them so. */
function stackFrames(span: Span): readonly Named[] {
  return span.events.flatMap(({ attributes }) => {
    const stack = attributes.get('exception.stacktrace')
    if (typeof stack !== 'string') return []
    const frames = stack.slice(0, MAX_TEXT).split('\n').flatMap(frameOf)
    return stack.startsWith('Traceback') ? frames.toReversed() : frames
  })
}

/** One line of a stack of JavaScript, Python or Ruby; others name no path. */
function frameOf(line: string): readonly Named[] {
  const [, path, digits] =
    /^ +at (?:[^(]{0,300} \()?((?:file:\/\/)?[^():]{1,500}):(\d{1,7}):\d{1,7}\)?$/.exec(line) ??
    /^ *File "([^"]{1,500})", line (\d{1,7})/.exec(line) ??
    /^\s*(?:from )?(\/[^:]{1,500}):(\d{1,7}):in /.exec(line) ??
    []
  return path === undefined ? [] : [{ path, line: lineOf(Number(digits)), told_by: 'stack_trace' }]
}
