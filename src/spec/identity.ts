import type { SpanKind } from '../trace/span.ts'
import { matcher } from './matcher-shape.ts'
import { field } from './record.ts'
import type { Field, RecordParts, Written } from './record.ts'
import { badValue, choice, entries, mapped } from './shape.ts'
import type { Shape } from './shape.ts'
import type { Identity, Matcher, TagMatch } from './spec.ts'

const KINDS: readonly SpanKind[] = [
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
  'unspecified',
]

/** Tag names with what each must be. */
export const tags: Shape<readonly TagMatch[]> = mapped(entries(matcher), (written, _, reading) => {
  const read: TagMatch[] = []
  for (const tag of written) {
    if (tag.name === 'resource.') badValue(tag.at, '`resource.` needs the name of a tag.', reading)
    read.push({ name: tag.name, matcher: tag.value, at: tag.at })
  }
  return read
})

const someTags: Shape<readonly TagMatch[]> = {
  ...mapped(tags, (read, at, reading) =>
    read.length > 0 ? read : badValue(at, '`where` must not be empty.', reading),
  ),
  schema: { ...tags.schema, minProperties: 1 },
}

const operationName: Field<Matcher> = field('operation_name', 'The name of the span', matcher)
const serviceName: Field<Matcher> = field(
  'service_name',
  'The service.name of its resource',
  matcher,
)
const kind: Field<SpanKind> = field('kind', 'The kind of the span', choice(KINDS))
const where: Field<readonly TagMatch[]> = field(
  'where',
  'Tags that say which span is meant, as part of its identity',
  someTags,
)

/** What decides which spans a rule is about. */
export const identityFields: readonly Field<unknown>[] = [operationName, serviceName, kind, where]

/** The rule of a record that must say which spans it is about. */
export function needsIdentity(lacking: string): NonNullable<RecordParts<unknown>['oneAtLeast']> {
  return { fields: identityFields, lacking }
}

export function readIdentity(written: Written): Identity {
  return {
    operationName: written.get(operationName)?.value,
    serviceName: written.get(serviceName)?.value,
    kind: written.get(kind)?.value,
    where: written.get(where)?.value ?? [],
  }
}

/** What a person would call the spans: the operation name as written; undefined when it says nothing. */
export function labelOf(identity: Identity): string | undefined {
  const { operationName: name } = identity
  switch (name?.kind) {
    case 'eq':
      return String(name.value)
    case 'glob':
    case 'regex':
    case 'template':
      return name.pattern
    case 'in':
      return name.values.map(String).join(' | ')
    case undefined:
    case 'present':
    case 'ne':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'exists':
    case 'type':
    case 'contains':
    case 'length':
    case 'all':
      return undefined
  }
}
