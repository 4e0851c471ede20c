import type { SpanKind } from './span.ts'

/**
 * What a form of traces cannot hold, so that what is read from it may differ from what the program sent. A check is open only
 * where a lost fact could change its outcome.
 */
export interface Losses {
  /** Names of spans and services are in lower case. */
  readonly nameCase: boolean
  /** Start and duration are cut to multiples of this. */
  readonly grainNanos: 1 | 1000 | 1_000_000
  /** `composites`: arrays, maps and bytes are texts; `all`: numbers and booleans too. */
  readonly types: 'kept' | 'composites' | 'all'
  /** Attributes of scopes are gone. */
  readonly scopeAttributes: boolean
  /** Attributes of resources stand among those of spans. */
  readonly resourceLevel: boolean
  readonly eventAttributes: boolean
  readonly links: 'kept' | 'without_attributes' | 'lost'
  /** Whether a missing parent was in the same process is not told. */
  readonly flags: boolean
  /** That attributes, events or links were dropped is not told. */
  readonly droppedCounts: boolean
  /** A span of kind INTERNAL and one without a kind look alike. */
  readonly internalKind: boolean
  readonly statusMessage: boolean
  /** A duration of 0 says that none is known: the span was never finished or never timed, and its start may be borrowed. */
  readonly unknownDurations?: boolean
  /**
   * Which kinds look alike: with `calls` all but SERVER and CLIENT, with `sides` SERVER and CONSUMER and, apart from them, all
   * others, with `lost` all.
   */
  readonly kinds?: 'calls' | 'sides' | 'lost'
  /** Spans that are shown with these kinds may have had another name. */
  readonly renamed?: readonly SpanKind[]
  /** With `ok` unset and ok look alike, with `errors` what is shown as an error may be none too, with `lost` all look alike. */
  readonly statuses?: 'ok' | 'errors' | 'lost'
  /** Events are gone. */
  readonly events?: boolean
  /** Some attributes of spans and resources are gone, or have other names; those that are here have kept their values. */
  readonly attributes?: boolean
}

/** Nothing is lost: OTLP in any encoding. */
export const lossless: Losses = {
  nameCase: false,
  grainNanos: 1,
  types: 'kept',
  scopeAttributes: false,
  resourceLevel: false,
  eventAttributes: false,
  links: 'kept',
  flags: false,
  droppedCounts: false,
  internalKind: false,
  statusMessage: false,
}

/** One sort of facts that a form cannot hold. */
export type LostFacts = (typeof lostFactsList)[number]

export const lostFactsList = [
  'name_case',
  'nanoseconds',
  'durations',
  'value_types',
  'scope_attributes',
  'resource_attributes',
  'event_attributes',
  'links',
  'flags',
  'dropped_counts',
  'internal_kind',
  'status_message',
  'kinds',
  'names',
  'statuses',
  'events',
  'attributes',
] as const

/** Each sort of facts that is lost, with the losses that are no more than it. */
export function lossesApart(
  losses: Losses,
): readonly { readonly lost: LostFacts; readonly alone: Losses }[] {
  const { nameCase, grainNanos, types, links, unknownDurations } = losses
  const { kinds, renamed, statuses } = losses
  const each = (lost: LostFacts, alone: Partial<Losses> | false): ReturnType<typeof lossesApart> =>
    alone === false ? [] : [{ lost, alone: { ...lossless, ...alone } }]
  return [
    ...each('name_case', nameCase && { nameCase }),
    ...each('nanoseconds', grainNanos > 1 && { grainNanos }),
    ...each('durations', unknownDurations === true && { unknownDurations }),
    ...each('value_types', types !== 'kept' && { types }),
    ...each('scope_attributes', losses.scopeAttributes && { scopeAttributes: true }),
    ...each('resource_attributes', losses.resourceLevel && { resourceLevel: true }),
    ...each('event_attributes', losses.eventAttributes && { eventAttributes: true }),
    ...each('links', links !== 'kept' && { links }),
    ...each('flags', losses.flags && { flags: true }),
    ...each('dropped_counts', losses.droppedCounts && { droppedCounts: true }),
    ...each('internal_kind', losses.internalKind && { internalKind: true }),
    ...each('status_message', losses.statusMessage && { statusMessage: true }),
    ...each('kinds', kinds !== undefined && { kinds }),
    ...each('names', renamed !== undefined && { renamed }),
    ...each('statuses', statuses !== undefined && { statuses }),
    ...each('events', losses.events === true && { events: true }),
    ...each('attributes', losses.attributes === true && { attributes: true }),
  ]
}

/** What one of several forms loses, all of them lose. */
export function joinedLosses(all: readonly Losses[]): Losses {
  return all.reduce(
    (a, b) => ({
      nameCase: a.nameCase || b.nameCase,
      grainNanos: a.grainNanos > b.grainNanos ? a.grainNanos : b.grainNanos,
      types: worse(typeLosses, a.types, b.types),
      scopeAttributes: a.scopeAttributes || b.scopeAttributes,
      resourceLevel: a.resourceLevel || b.resourceLevel,
      eventAttributes: a.eventAttributes || b.eventAttributes,
      links: worse(linkLosses, a.links, b.links),
      flags: a.flags || b.flags,
      droppedCounts: a.droppedCounts || b.droppedCounts,
      internalKind: a.internalKind || b.internalKind,
      statusMessage: a.statusMessage || b.statusMessage,
      ...((a.unknownDurations === true || b.unknownDurations === true) && {
        unknownDurations: true,
      }),
      ...joinedClouds(a, b),
    }),
    lossless,
  )
}

/** What the models of clouds lose, each where one of the two does. */
function joinedClouds(a: Losses, b: Losses): Partial<Losses> {
  const kinds = a.kinds === b.kinds ? a.kinds : joinedKinds(a.kinds, b.kinds)
  const renamed = [...new Set([...(a.renamed ?? []), ...(b.renamed ?? [])])].toSorted()
  const statuses = worse(statusLosses, a.statuses, b.statuses)
  return {
    ...(kinds !== undefined && { kinds }),
    ...(renamed.length > 0 && { renamed }),
    ...(statuses !== undefined && { statuses }),
    ...((a.events === true || b.events === true) && { events: true }),
    ...((a.attributes === true || b.attributes === true) && { attributes: true }),
  }
}

/** Of two that differ. */
function joinedKinds(a: Losses['kinds'], b: Losses['kinds']): Losses['kinds'] {
  if (a === undefined || b === undefined) return a ?? b
  return 'lost'
}

const statusLosses = [undefined, 'ok', 'errors', 'lost'] as const

const typeLosses = ['kept', 'composites', 'all'] as const
const linkLosses = ['kept', 'without_attributes', 'lost'] as const

function worse<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) > order.indexOf(b) ? a : b
}
