import { compileMatcher, type MatchTest } from '../spec/match.ts'
import type {
  ErrorCondition,
  Expectation,
  ForbiddenRule,
  Identity,
  Matcher,
  Spec,
  SpanExpectation,
} from '../spec/spec.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import { serviceName, type Span } from '../trace/span.ts'
import { compileConditions, type Condition } from './conditions.ts'
import { compileTag } from './lookup.ts'
import { readingOf, type Reading } from './reading.ts'
import { relievedIn } from './relief.ts'
import { hasKind } from './shown-facts.ts'
import { and, type Tri } from './three.ts'
import { compileName } from './written-names.ts'

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
  readonly reading: Reading
  /** Whether a span opens a case; undefined without `applies_to`. */
  readonly opens: ((span: Span) => Tri) | undefined
  readonly top: List
  /** Every node of the spec, by `index`. */
  readonly nodes: readonly Node[]
  readonly ignore: readonly { readonly is: (span: Span) => Tri; readonly errors: boolean }[]
  readonly forbidden: readonly { readonly rule: ForbiddenRule; readonly is: (span: Span) => Tri }[]
  readonly errors: readonly ErrorRule[]
}

export interface ErrorRule {
  readonly rule: ErrorCondition
  readonly is: (span: Span) => Tri
  /** Undefined when the rule asks no type. */
  readonly isType: MatchTest | undefined
}

/** Makes a spec ready to be asked of spans that were read from a form with these losses: compiles its matchers once. */
export function planOf(spec: Spec, losses: Losses = lossless): Plan {
  const reading = readingOf(spec, losses)
  const nodes: Node[] = []
  const top = compileList(spec.expected, { parent: undefined, nodes, reading })
  const ignore = spec.ignore.map((rule) => ({
    is: compileIdentity(rule.identity, reading),
    errors: rule.errors,
  }))
  const forbidden = spec.forbidden.map((rule) => ({
    rule,
    is: compileIdentity(rule.identity, reading),
  }))
  const opens = spec.appliesTo && compileIdentity(spec.appliesTo.identity, reading)
  const errors = spec.errorConditions.map((rule) => ({
    rule,
    is: compileIdentity(rule.identity, reading),
    isType: rule.exceptionType && compileMatcher(rule.exceptionType),
  }))
  return { spec, reading, opens, top, nodes, ignore, forbidden, errors }
}

interface Compiling {
  readonly parent: Node | undefined
  /** Every node so far. */
  readonly nodes: Node[]
  readonly reading: Reading
}

function compileList(expectations: readonly Expectation[], compiling: Compiling): List {
  const relieved = relievedIn(expectations)
  const members = expectations.map((expectation) =>
    compileNode(expectation, relieved.has(expectation), compiling),
  )
  return { members, reachesDescendants: expectations.some((e) => e.relation === 'descendant') }
}

function compileNode(expectation: Expectation, isRelieved: boolean, compiling: Compiling): Node {
  const { parent, nodes, reading } = compiling
  const node = {
    expectation,
    parent,
    isRelieved,
    index: nodes.length,
    is: compileIdentity(expectation.identity, reading),
    mayBe: mayBe(expectation.identity, reading),
    conditions: compileConditions(expectation, reading),
    list: EMPTY,
    requiredBelow: 0,
  }
  nodes.push(node)
  node.list = compileList(expectation.children, { ...compiling, parent: node })
  node.requiredBelow = node.list.members.reduce((sum, child) => sum + costOfMissing(child), 0)
  return node
}

const EMPTY: List = { members: [], reachesDescendants: false }

/** What the absence of every required span of an expectation costs: themselves and all that is required below them. */
function costOfMissing(node: Node): number {
  return node.expectation.count.min * (1 + node.requiredBelow)
}

function mayBe(identity: Identity, reading: Reading): (span: Span) => boolean {
  const is = compileIdentity({ ...identity, where: [] }, reading)
  return (span) => is(span) !== 'no'
}

/** Whether a span is one that a rule is about. */
function compileIdentity(identity: Identity, reading: Reading): (span: Span) => Tri {
  const name = identity.operationName && compileOperation(identity.operationName, reading)
  const service = identity.serviceName && compileService(identity.serviceName, reading)
  const where = identity.where.map((tag) => compileTag(tag, reading))
  return (span) => {
    let result: Tri = name === undefined ? 'yes' : name(span)
    if (result === 'no') return 'no'
    if (identity.kind !== undefined) {
      result = and(result, isOfKind(span, identity.kind, reading.losses))
      if (result === 'no') return 'no'
    }
    if (service !== undefined) result = and(result, service(span))
    for (const ask of where) if (result !== 'no') result = and(result, ask(span))
    return result
  }
}

/** The service name; undefined when the resource gives none. */
export function givenService(span: Span): string | undefined {
  const name = serviceName(span)
  return name === '' ? undefined : name
}

/** Whether a span has a name. */
export function compileOperation(
  matcher: Matcher,
  { names, losses }: Reading,
): (span: Span) => Tri {
  const name = compileName(matcher, names)
  const renamed = new Set(losses.renamed)
  return (span) => (renamed.has(span.kind) ? 'unknown' : name(span.name))
}

/** Whether a span is of a service; where attributes were lost, its name may be among them. */
function compileService(matcher: Matcher, { services, losses }: Reading): (span: Span) => Tri {
  const test = compileName(matcher, services)
  return (span) => {
    const service = givenService(span)
    return service === undefined && losses.attributes === true ? 'unknown' : test(service)
  }
}

/** The norm lets a reader take an unspecified kind as internal. */
export function isOfKind(span: Span, kind: Span['kind'], losses: Losses): Tri {
  return hasKind(span, losses, (one) => (one === 'unspecified' ? 'internal' : one) === kind)
}
