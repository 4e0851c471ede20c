import fc from 'fast-check'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import type { AttributeValue, Resource, Scope, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function idArbitrary<T>(length: number, parse: (text: string) => T | undefined): fc.Arbitrary<T> {
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => parse(hex(bytes)))
    .filter((id) => id !== undefined)
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constant('\uFEFFa text with a mark first'),
)
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(nanosOf)
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const traceIds = idArbitrary(16, parseTraceId)
const spanIds = idArbitrary(8, parseSpanId)

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.uint8Array(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
  ),
}))
const attributes = fc.array(fc.tuple(text, value), { maxLength: 4 }).map((all) => new Map(all))

const resources: fc.Arbitrary<Resource> = fc.record({
  attributes,
  droppedAttributesCount: uint32,
  schemaUrl: text,
})
const scopes: fc.Arbitrary<Scope> = fc.record({
  name: text,
  version: text,
  attributes,
  droppedAttributesCount: uint32,
  schemaUrl: text,
})

/** Any span that the model can hold. */
export const spanArbitrary: fc.Arbitrary<Span> = fc.record({
  traceId: traceIds,
  spanId: spanIds,
  parentSpanId: fc.option(spanIds, { nil: undefined }),
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.constantFrom('unspecified', 'internal', 'server', 'client', 'producer', 'consumer'),
  start: time,
  end: time,
  attributes,
  droppedAttributesCount: uint32,
  events: fc.array(fc.record({ name: text, time, attributes, droppedAttributesCount: uint32 }), {
    maxLength: 3,
  }),
  droppedEventsCount: uint32,
  links: fc.array(
    fc.record({
      traceId: traceIds,
      spanId: spanIds,
      traceState: text,
      attributes,
      droppedAttributesCount: uint32,
      flags: uint32,
    }),
    { maxLength: 3 },
  ),
  droppedLinksCount: uint32,
  status: fc.record({ code: fc.constantFrom('unset', 'ok', 'error'), message: text }),
  resource: resources,
  scope: scopes,
})
