import { serviceName, type AttributeValue, type Attributes } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { inert } from './sanitize.ts'
import { shown, wrap, type Terminal } from './terminal.ts'
import { duration, plural } from './wording/phrases.ts'

const MAX_ATTRIBUTES = 40
const MAX_EVENTS = 10
const MAX_ITEMS = 10

/** One span with its attributes, events and links; each list says what it leaves out. */
export function spanLines(trace: Trace, index: SpanIndex, terminal: Terminal): readonly string[] {
  const span = trace.spans[index]
  if (span === undefined) return []
  const parent = trace.spans[trace.parent[index] ?? -1]
  const status =
    span.status.message === ''
      ? span.status.code
      : `${span.status.code}: ${inert(span.status.message, 200)}`
  const lines = [
    `${inert(span.name, 200)}  span ${span.spanId}`,
    `  service ${inert(serviceName(span), 80)}, kind ${span.kind}, status ${status}, ${duration(millisOf(span.end - span.start))}`,
    parent === undefined
      ? '  no parent in this trace'
      : `  parent ${inert(parent.name, 80)} (${parent.spanId})`,
    ...attributeLines('attributes', span.attributes),
    ...attributeLines('resource', span.resource.attributes),
    ...attributeLines(`scope ${inert(span.scope.name, 80)}`, span.scope.attributes),
    ...span.events
      .slice(0, MAX_EVENTS)
      .flatMap((event) => attributeLines(`event ${inert(event.name, 80)}`, event.attributes)),
    ...omitted(span.events.length, MAX_EVENTS, 'event'),
    ...(span.links.length === 0 ? [] : [`  ${plural(span.links.length, 'link')}`]),
  ]
  return lines.flatMap((line) => hanging(shown(line, terminal), terminal))
}

function attributeLines(title: string, attributes: Attributes): readonly string[] {
  if (attributes.size === 0) return title.startsWith('event ') ? [`  ${title}`] : []
  const names = [...attributes.keys()].toSorted()
  return [
    `  ${title}`,
    ...names
      .slice(0, MAX_ATTRIBUTES)
      .map((name) => `    ${inert(name, 80)} = ${attributeText(attributes.get(name) ?? null)}`),
    ...omitted(names.length, MAX_ATTRIBUTES, 'attribute'),
  ]
}

function omitted(total: number, limit: number, noun: string): readonly string[] {
  return total <= limit ? [] : [`    ${plural(total - limit, `further ${noun}`)} with --json`]
}

function hanging(line: string, terminal: Terminal): readonly string[] {
  const [first = '', ...rest] = wrap(line, terminal.width - 6)
  return [first, ...rest.map((part) => `      ${part}`)]
}

/** Nested values are shown one level deep. */
function attributeText(value: AttributeValue): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return plainText(value)
  if (value instanceof Uint8Array) return plural(value.length, 'byte')
  if (value instanceof Map) return `map with ${plural(value.size, 'key')}`
  if (!Array.isArray(value)) return ''
  const items = value.slice(0, MAX_ITEMS).map(itemText)
  return `[${items.join(', ')}${value.length > MAX_ITEMS ? ', …' : ''}]`
}

function itemText(item: AttributeValue): string {
  return typeof item === 'object' ? '…' : plainText(item)
}

function plainText(value: string | number | bigint | boolean): string {
  return typeof value === 'string' ? `"${inert(value, 200)}"` : String(value)
}
