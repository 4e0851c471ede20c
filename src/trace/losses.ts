/**
 * What a form of traces cannot hold, so that what is read from it may differ from what the program sent. A check is open only
 * where a lost fact could change its outcome.
 */
export interface Losses {
  /** Names of spans and services are in lower case. */
  readonly nameCase: boolean
  /** Start and duration are cut to multiples of this. */
  readonly grainNanos: 1 | 1000
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
] as const

/** Each sort of facts that is lost, with the losses that are no more than it. */
export function lossesApart(
  losses: Losses,
): readonly { readonly lost: LostFacts; readonly alone: Losses }[] {
  const { nameCase, grainNanos, types, links, unknownDurations } = losses
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
    }),
    lossless,
  )
}

const typeLosses = ['kept', 'composites', 'all'] as const
const linkLosses = ['kept', 'without_attributes', 'lost'] as const

function worse<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) > order.indexOf(b) ? a : b
}
