import type { LostFacts } from '../../trace/losses.ts'

/** What the form of a source cannot hold, as one sentence that says why a check is open. */
export function lostSentence(lost: LostFacts): string {
  return `The trace was read from a form that ${SENTENCES[lost]}.`
}

const SENTENCES: Readonly<Record<LostFacts, string>> = {
  name_case: 'keeps names in lower case, and the spec tells names apart by their case',
  nanoseconds: 'keeps times to the microsecond only, and the bound lies within what was cut',
  durations: 'cannot tell a span that took no time from one whose time is not known',
  value_types:
    'keeps values as text, and another type of the same text would meet the condition or not',
  scope_attributes:
    'drops the attributes of instrumentation scopes, and one of them may be what is asked',
  resource_attributes:
    'mixes the attributes of resources with those of spans, and the spec tells them apart',
  event_attributes: 'drops the attributes of events, so the type of an exception is not known',
  links: 'drops links or their attributes',
  flags: 'does not say whether a missing parent was in the same process',
  dropped_counts:
    'does not say whether the SDK dropped attributes or events, and the span has as many as SDKs keep by default (128)',
  internal_kind: 'cannot tell kind internal from no kind',
  status_message: 'drops the messages of statuses',
  kinds: 'does not tell all kinds of spans apart',
  names: 'gives spans other names, and the span may have had the one that is asked',
  statuses: 'does not tell all statuses apart',
  events: 'drops events, so exceptions are not known',
  attributes: 'drops or renames attributes, and one of them may be what is asked',
}

/** Which source keeps it. */
export function lostAdvice(lost: LostFacts): string {
  return `Read it from what keeps ${KEPT[lost]}, as a run or a file of OTLP does.`
}

const KEPT: Readonly<Record<LostFacts, string>> = {
  name_case: 'the case of names',
  nanoseconds: 'nanoseconds',
  durations: 'the end of every span',
  value_types: 'the types of values',
  scope_attributes: 'the attributes of scopes',
  resource_attributes: 'the attributes of resources apart',
  event_attributes: 'the attributes of events',
  links: 'links',
  flags: 'the flags of spans',
  dropped_counts: 'what was dropped',
  internal_kind: 'the kind of every span',
  status_message: 'the messages of statuses',
  kinds: 'the kind of every span',
  names: 'the names of spans',
  statuses: 'the status of every span',
  events: 'events',
  attributes: 'attributes under their names',
}
