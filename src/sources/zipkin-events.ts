import { isArray, isObject } from '../otlp/from-json.ts'
import { type Json, parseJsonDocuments } from '../otlp/json-text.ts'
import { maxValueDepth } from '../otlp/wire.ts'
import { Fault } from '../trace/fault.ts'
import { parseSpanId, parseTraceId } from '../trace/ids.ts'
import type { Attributes, AttributeValue, SpanEvent, SpanLink } from '../trace/span.ts'
import type { ZipkinAnnotation } from './zipkin-span.ts'

/**
 * An annotation as an event: `"name": {attributes}` as OpenTelemetry maps it, `name|{attributes}|dropped` as the Collector writes
 * it, else its whole text as the name.
 */
export function eventOf({ time, value }: ZipkinAnnotation): SpanEvent {
  const { name, attributes, dropped } = quotedEvent(value) ??
    collectorEvent(value) ?? { name: value, attributes: new Map(), dropped: 0 }
  return { name, time, attributes, droppedAttributesCount: dropped }
}

interface Parts {
  readonly name: string
  readonly attributes: Attributes
  readonly dropped: number
}

function quotedEvent(text: string): Parts | undefined {
  const [, quoted, json] = /^("(?:[^"\\]|\\.)*"):\s*(\{.*\})$/s.exec(text) ?? []
  if (quoted === undefined || json === undefined) return undefined
  const name = parsed(`[${quoted}]`)
  const [first] = name !== undefined && isArray(name) ? name : []
  const attributes = attributesIn(json)
  if (typeof first !== 'string' || attributes === undefined) return undefined
  return { name: first, attributes, dropped: 0 }
}

function collectorEvent(text: string): Parts | undefined {
  const [, name, json, dropped] = /^([^|]*)\|(\{.*\})\|(\d{1,9})$/s.exec(text) ?? []
  const attributes = json === undefined ? undefined : attributesIn(json)
  if (name === undefined || attributes === undefined) return undefined
  return { name, attributes, dropped: Number(dropped) }
}

/** A link as the Collector writes it into the tag `otlp.link.N`: `trace|span|state|{attributes}|dropped`. */
export function collectorLink(text: string | undefined): SpanLink | undefined {
  const [, trace = '', span = '', traceState = '', json = '', dropped] =
    /^([0-9a-f]{32})\|([0-9a-f]{16})\|([^|]*)\|(\{.*\})\|(\d{1,9})$/s.exec(text ?? '') ?? []
  const [traceId, spanId, attributes] = [parseTraceId(trace), parseSpanId(span), attributesIn(json)]
  if (traceId === undefined || spanId === undefined || attributes === undefined) return undefined
  return {
    traceId,
    spanId,
    traceState,
    attributes,
    droppedAttributesCount: Number(dropped),
    flags: 0,
  }
}

/** The attributes that a JSON object says; undefined for what is none, or lies deeper than values of OTLP may. */
function attributesIn(text: string): Attributes | undefined {
  const json = parsed(text)
  return isObject(json) && depthOf(text) <= maxValueDepth ? mapOf(json) : undefined
}

/** The most brackets that are open at a time; those in texts count too, which is no harm. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0]
  for (const char of text) {
    if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

function mapOf(json: { readonly [name: string]: Json | undefined }): Attributes {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueOf(value ?? null)]))
}

/** JSON does not tell ints from doubles: what is whole is an int. */
function valueOf(json: Json): AttributeValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json
  if (typeof json !== 'object' || json === null) return json
  return isArray(json) ? json.map(valueOf) : mapOf(json)
}

/** Undefined where it only looks like JSON: then it is text. */
function parsed(text: string): Json | undefined {
  try {
    const [document, other] = parseJsonDocuments(text)
    return other === undefined ? document : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
