import type { JaegerAnswer } from './jaeger-way.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import type { AttributeValue, Span } from '../trace/span.ts'
import { cutOf, jaegerModelLosses, serverTags } from './jaeger-model.ts'
import { withoutStandIns } from './jaeger-unnamed.ts'

/** What is said on the way of OTLP: without what the server itself wrote into the spans, and with what its storage lost of them. */
export function answerOfStored(spans: readonly Span[], rejected: number): JaegerAnswer {
  const warnings = spans.flatMap(({ attributes }) => textsIn(attributes.get('@jaeger@warnings')))
  return {
    spans: withoutStandIns(spans.map(withoutServerTags)),
    losses: lossesOfStored(spans),
    cut: cutOf(warnings) ?? withoutIds(rejected),
  }
}

/** Says that spans came that belong to no trace. */
export function withoutIds(rejected: number): string | undefined {
  return rejected === 0 ? undefined : `spans without valid ids: ${rejected}`
}

/** Some storages make a text of the list. */
function textsIn(value: AttributeValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter((one) => typeof one === 'string')
}

function withoutServerTags(span: Span): Span {
  if (!serverTags.some((name) => span.attributes.has(name))) return span
  const attributes = new Map(span.attributes)
  for (const name of serverTags) attributes.delete(name)
  return { ...span, attributes }
}

/**
 * Jaeger answers in OTLP whatever its storage keeps, and Elasticsearch, Cassandra and Badger keep Jaeger's model, the first two in
 * microseconds: https://github.com/jaegertracing/jaeger/tree/v1.76.0/internal/storage/v2. An answer that holds what that model
 * cannot has lost nothing; of any other it is not known.
 */
function lossesOfStored(spans: readonly Span[]): Losses {
  const isWhole = spans.some((span) => holdsMore(span))
  if (isWhole) return lossless
  return {
    ...jaegerModelLosses,
    grainNanos: grainOf(spans),
    flags: !spans.some(({ flags }) => flags > 1),
  }
}

/** A storage of microseconds shows in all times. */
export function grainOf(spans: readonly Span[]): Losses['grainNanos'] {
  return spans.every(({ start, end }) => start % 1000n === 0n && end % 1000n === 0n) ? 1000 : 1
}

function holdsMore(span: Span): boolean {
  const { scope, resource, flags, start } = span
  const attributes = [span, resource, ...span.events].flatMap((owner) => [
    ...owner.attributes.values(),
  ])
  return (
    // the storages that keep flags have no nanoseconds
    (flags > 1 && start % 1000n !== 0n) ||
    scope.attributes.size > 0 ||
    scope.schemaUrl !== '' ||
    resource.schemaUrl !== '' ||
    span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount > 0 ||
    attributes.some((value) => typeof value === 'object' && !(value instanceof Uint8Array)) ||
    span.links.some(({ attributes: own }) =>
      [...own.keys()].some((key) => key !== 'opentracing.ref_type'),
    )
  )
}
