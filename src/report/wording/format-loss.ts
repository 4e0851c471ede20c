import type { FormatLoss, LostFact } from '../../trace/format-loss.ts'
import type { LostFacts } from '../../trace/losses.ts'

/** What a form could not hold of some spans, as a line. */
export function formatLossLine({ fact, spans }: FormatLoss): string {
  return `${spans} ${spans === 1 ? 'span loses' : 'spans lose'} ${PHRASES[fact]}`
}

const PHRASES: Readonly<Record<LostFact, string>> = {
  composite_values: 'the types of arrays, maps or bytes, which are texts now',
  dropped_counts: 'how many attributes, events or links were dropped',
  flags: 'their flags, and so whether the parent is in another process',
  link_details: 'attributes, trace state or flags of links',
  links: 'their links',
  nanoseconds: 'what is below a microsecond',
  overwritten_attributes: 'attributes whose names something else has',
  parent_or_link: 'whether a link is a parent',
  reserved_names: 'attributes whose names the form keeps for itself',
  resource_level: 'which attributes are of the resource',
  schema_urls: 'schema URLs',
  scope_attributes: 'attributes of their scope',
  span_kinds: 'that they have no kind',
  status_messages: 'the message of their status',
  times: 'a start at 0, an end before the start or a time after 2255',
  trace_states: 'their trace state',
  value_types: 'the types of values, which are texts now',
}

/** What the form that traces were read from may have lost, as a line. */
export function lostBeforeLine(lost: LostFacts): string {
  return `they were read from a form that may lose ${BEFORE[lost]}`
}

const BEFORE: Readonly<Record<LostFacts, string>> = {
  name_case: 'the case of names',
  nanoseconds: 'what is below a microsecond',
  durations: 'durations: not all spans have one',
  value_types: 'the types of values',
  scope_attributes: 'attributes of scopes',
  resource_attributes: 'which attributes are of the resource',
  event_attributes: 'attributes of events',
  links: 'links or their attributes',
  flags: 'flags, and so whether a parent is in another process',
  dropped_counts: 'how much was dropped',
  internal_kind: 'whether a span has no kind',
  status_message: 'messages of statuses',
  kinds: 'some kinds of spans',
  names: 'names of spans',
  statuses: 'which status a span has',
  events: 'events',
  attributes: 'attributes or their names',
}
