/** What a written form of traces could not say of a span. */
export type LostFact =
  /** Arrays, maps and bytes are texts now. */
  | 'composite_values'
  | 'dropped_counts'
  | 'flags'
  /** Attributes, trace state and flags of links. */
  | 'link_details'
  | 'links'
  /** Below a microsecond. */
  | 'nanoseconds'
  /** Values that another attribute of the same name took the place of. */
  | 'overwritten_attributes'
  /** A link that will be read as a parent, or a parent that will be read as a link. */
  | 'parent_or_link'
  /** Attributes whose names say something else in the form. */
  | 'reserved_names'
  /** Attributes of the resource now stand among those of the span. */
  | 'resource_level'
  | 'schema_urls'
  | 'scope_attributes'
  | 'span_kinds'
  | 'status_messages'
  /** A start at 0, an end before the start, or times after the year 2255. */
  | 'times'
  | 'trace_states'
  /** Numbers, booleans, arrays, maps or bytes are texts now. */
  | 'value_types'

/** How many spans lost one sort of fact. */
export interface FormatLoss {
  readonly fact: LostFact
  readonly spans: number
}

/** The losses of several spans, each with what it lost, counted and in the order of their names. */
export function countLosses(lostBySpan: Iterable<Iterable<LostFact>>): readonly FormatLoss[] {
  const counts = new Map<LostFact, number>()
  for (const facts of lostBySpan) {
    for (const fact of new Set(facts)) counts.set(fact, (counts.get(fact) ?? 0) + 1)
  }
  return [...counts]
    .map(([fact, spans]) => ({ fact, spans }))
    .toSorted((a, b) => (a.fact < b.fact ? -1 : 1))
}
