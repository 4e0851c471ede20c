import { compileMatcher } from '../spec/match.ts'
import type { Expectation, ForbiddenRule, Identity, Spec, SpanExpectation } from '../spec/spec.ts'
import { serviceName, type Span } from '../trace/span.ts'
import { compileConditions, type Condition } from './conditions.ts'
import { lookUpTag } from './lookup.ts'
import { relievedIn } from './relief.ts'
import { and, type Tri } from './three.ts'

/** A list of expectations that is matched once per parent span. */
export interface List {
  readonly members: readonly Node[]
  /** Some member is looked for below the children too. */
  readonly reachesDescendants: boolean
}

/** An expectation made ready to be asked of spans. `index` counts in the order of the spec, parents first. */
export interface Node {
  readonly index: number
  readonly expectation: SpanExpectation
  readonly parent: Node | undefined
  readonly is: (span: Span) => Tri
  /** What a span's name, service and kind alone exclude. */
  readonly mayBe: (span: Span) => boolean
  readonly conditions: readonly Condition[]
  readonly list: List
  /** Further spans of its identity can all go to a sibling that takes any number and asks nothing, or to itself. */
  readonly isRelieved: boolean
  /** Required spans below one missing span of this expectation. */
  readonly requiredBelow: number
}

export interface Plan {
  readonly spec: Spec
  readonly top: List
  /** Every node of the spec, by `index`. */
  readonly nodes: readonly Node[]
  readonly ignore: readonly { readonly is: (span: Span) => Tri; readonly errors: boolean }[]
  readonly forbidden: readonly { readonly rule: ForbiddenRule; readonly is: (span: Span) => Tri }[]
}

/** Makes a spec ready to be asked of spans: compiles its matchers once. */
export function planOf(spec: Spec): Plan {
  const nodes: Node[] = []
  const top = compileList(spec.expected, undefined, nodes)
  const ignore = spec.ignore.map((rule) => ({
    is: compileIdentity(rule.identity),
    errors: rule.errors,
  }))
  const forbidden = spec.forbidden.map((rule) => ({ rule, is: compileIdentity(rule.identity) }))
  return { spec, top, nodes, ignore, forbidden }
}

function compileList(
  expectations: readonly Expectation[],
  parent: Node | undefined,
  nodes: Node[],
): List {
  const relieved = relievedIn(expectations)
  const members = expectations.map((expectation) =>
    compileNode({ expectation, parent, isRelieved: relieved.has(expectation) }, nodes),
  )
  return { members, reachesDescendants: expectations.some((e) => e.relation === 'descendant') }
}

function compileNode(
  head: Pick<Node, 'expectation' | 'parent' | 'isRelieved'>,
  nodes: Node[],
): Node {
  const { expectation } = head
  const node = {
    ...head,
    index: nodes.length,
    is: compileIdentity(expectation.identity),
    mayBe: mayBe(expectation.identity),
    conditions: compileConditions(expectation),
    list: EMPTY,
    requiredBelow: 0,
  }
  nodes.push(node)
  node.list = compileList(expectation.children, node, nodes)
  node.requiredBelow = node.list.members.reduce((sum, child) => sum + costOfMissing(child), 0)
  return node
}

const EMPTY: List = { members: [], reachesDescendants: false }

/** What the absence of every required span of an expectation costs: themselves and all that is required below them. */
function costOfMissing(node: Node): number {
  return node.expectation.count.min * (1 + node.requiredBelow)
}

function mayBe(identity: Identity): (span: Span) => boolean {
  const is = compileIdentity({ ...identity, where: [] })
  return (span) => is(span) !== 'no'
}

/** Whether a span is one that a rule is about. */
export function compileIdentity(identity: Identity): (span: Span) => Tri {
  const name = identity.operationName && compileMatcher(identity.operationName)
  const service = identity.serviceName && compileMatcher(identity.serviceName)
  const where = identity.where.map((tag) => ({ name: tag.name, test: compileMatcher(tag.matcher) }))
  return (span) => {
    if (name !== undefined && !name(span.name)) return 'no'
    if (identity.kind !== undefined && !isOfKind(span, identity.kind)) return 'no'
    if (service !== undefined && !service(givenService(span))) return 'no'
    let result: Tri = 'yes'
    for (const tag of where) result = and(result, askTag(span, tag))
    return result
  }
}

/** The service name; undefined when the resource gives none. */
export function givenService(span: Span): string | undefined {
  const name = serviceName(span)
  return name === '' ? undefined : name
}

/** The norm lets a reader take an unspecified kind as internal. */
export function isOfKind(span: Span, kind: Span['kind']): boolean {
  return (span.kind === 'unspecified' ? 'internal' : span.kind) === kind
}

interface TagTest {
  readonly name: string
  readonly test: (value: ReturnType<typeof lookUpTag>['value']) => boolean
}

export function askTag(span: Span, tag: TagTest): Tri {
  const seen = lookUpTag(span, tag.name)
  if (seen.dropped) return 'unknown'
  return tag.test(seen.value) ? 'yes' : 'no'
}
