import { serviceName, type Span } from '../trace/span.ts'
import type { Condition } from './conditions.ts'
import type { Node } from './plan.ts'
import type { TellApart } from './result.ts'

const REQUIRED_TAG = 'required_tags.'

/** What would have picked the right number out of too many spans: a required tag, else the kind, else the service. */
export function tellByCount(node: Node, spans: readonly Span[]): TellApart | null {
  for (const condition of node.conditions) {
    const told = asWhere(node, condition, spans)
    if (told !== null) return told
  }
  const { identity } = node.expectation
  if (identity.kind === undefined) {
    const kind = pick(node, spans, (span) => span.kind)
    if (kind !== undefined) return { field: 'kind', name: null, value: kind }
  }
  if (identity.serviceName === undefined) {
    const service = pick(node, spans, serviceName)
    if (service !== undefined && service !== '')
      return { field: 'service_name', name: null, value: service }
  }
  return null
}

/** Whether a condition that some spans fail was meant to select: the others alone would be the right number. */
export function tellByCondition(
  node: Node,
  condition: Condition,
  spans: readonly Span[],
): TellApart | null {
  return asWhere(node, condition, spans)
}

function asWhere(node: Node, condition: Condition, spans: readonly Span[]): TellApart | null {
  if (!condition.name.startsWith(REQUIRED_TAG)) return null
  const holding = spans.filter((span) => condition.holds(span) === 'yes').length
  if (holding === spans.length || !isRightNumber(node, holding)) return null
  return {
    field: 'where',
    name: condition.name.slice(REQUIRED_TAG.length),
    value: condition.expected,
  }
}

/** The value that alone is shared by a right number of spans; the one of the first such span. */
function pick(
  node: Node,
  spans: readonly Span[],
  read: (span: Span) => string,
): string | undefined {
  const groups = Map.groupBy(spans, read)
  if (groups.size < 2) return undefined
  return [...groups].find(([, members]) => isRightNumber(node, members.length))?.[0]
}

function isRightNumber({ expectation }: Node, count: number): boolean {
  const { min, max } = expectation.count
  return count >= Math.max(min, 1) && count <= max
}
