import { serviceName, type Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { anyOf } from './closed-world.ts'
import { below } from './forest.ts'
import type { Node, Plan } from './plan.ts'
import { hasKind, isCaller } from './shown-facts.ts'
import { spanAt } from './span-at.ts'
import type { Tri } from './three.ts'
import { beganWithin, isUntimed } from './times.ts'

/** What the spec's predicates say of a span, and nothing else of it: equal outcomes are one token. */
export interface Token {
  /** By the index of a node: `yes` or `unknown`; a node that is not about the span is absent. */
  readonly about: ReadonlyMap<number, Outcome>
  readonly ignored: Tri
  /** A CLIENT or PRODUCER span: between two services there is always one. */
  readonly passage: Tri
  readonly hole: boolean
}

export interface Outcome {
  readonly is: Tri
  readonly failed: number
  readonly unknown: number
}

/** A subtree up to the order of siblings and up to what the spec asks. */
export interface SubtreeClass {
  readonly id: number
  readonly token: Token
  /** Classes of the children with how many there are of each, in the order of their ids. */
  readonly children: readonly (readonly [SubtreeClass, number])[]
  /** Fragments whose place is somewhere below. */
  readonly adopted: readonly Adopted<SubtreeClass>[]
  readonly holeBelow: boolean
}

/** A fragment that began while a span was running; `certain` unless another span of the expectation was running too. */
export interface Adopted<T> {
  readonly fragment: T
  readonly certain: boolean
}

export interface Reduced {
  readonly plan: Plan
  readonly trace: Trace
  readonly classes: readonly SubtreeClass[]
  readonly adoptions: ReadonlyMap<SpanIndex, readonly Adopted<SpanIndex>[]>
}

export interface ReduceInput {
  readonly trace: Trace
  readonly plan: Plan
  readonly holes: ReadonlySet<SpanIndex>
  /** Cases with the fragments that count for them. */
  readonly cases: readonly {
    readonly members: readonly SpanIndex[]
    readonly fragments: readonly SpanIndex[]
  }[]
}

/** Reduces every span of a trace to the class of its subtree, children first and without recursion. */
export function reduce(input: ReduceInput): Reduced {
  const { trace, plan, holes } = input
  const tokenOf = tokenizer(plan)
  const tokens = trace.spans.map((span, index) => tokenOf(span, holes.has(index)))
  const adoptions = adoptionsOf(input, tokens)
  const interned = new Map<string, SubtreeClass>()
  const classes: (SubtreeClass | undefined)[] = Array.from({ length: trace.spans.length })
  const fragments = new Set(input.cases.flatMap((one) => one.fragments))
  const hosts = below(
    trace,
    trace.roots.filter((root) => !fragments.has(root)),
  )
  for (const index of [...hosts, ...below(trace, [...fragments])].toReversed()) {
    const token = tokens[index]
    if (token === undefined) continue
    const children = counted((trace.children[index] ?? []).flatMap((child) => classes[child] ?? []))
    const adopted = (adoptions.get(index) ?? []).flatMap(({ fragment, certain }) => {
      const top = classes[fragment]
      return top === undefined ? [] : [{ fragment: top, certain }]
    })
    classes[index] = intern(interned, { token, children, adopted })
  }
  return { plan, trace, adoptions, classes: classes.flatMap((one) => one ?? []) }
}

function counted(classes: readonly SubtreeClass[]): readonly (readonly [SubtreeClass, number])[] {
  const counts = new Map<SubtreeClass, number>()
  for (const one of classes) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].toSorted(([a], [b]) => a.id - b.id)
}

type Interned = Map<string, SubtreeClass>

function intern(
  known: Interned,
  parts: Pick<SubtreeClass, 'token' | 'children' | 'adopted'>,
): SubtreeClass {
  const key = [
    tokenKeys.get(parts.token) ?? '',
    parts.children.map(([child, count]) => `${child.id}x${count}`).join(','),
    parts.adopted.map(({ fragment, certain }) => `${fragment.id}${certain ? '!' : '?'}`).join(','),
  ].join('|')
  const found = known.get(key)
  if (found !== undefined) return found
  const holeBelow = parts.token.hole || parts.children.some(([child]) => child.holeBelow)
  const made = { id: known.size, ...parts, holeBelow }
  known.set(key, made)
  return made
}

const tokenKeys = new WeakMap<Token, string>()

/** Asks every predicate of the spec once per span; spans that cannot differ in identity share the first answer. */
function tokenizer(plan: Plan): (span: Span, hole: boolean) => Token {
  const known = new Map<string, Token>()
  const candidates = candidateCache(plan)
  return (span, hole) => {
    const about = new Map<number, Outcome>()
    const parts: string[] = []
    for (const node of candidates(span)) {
      const is = node.is(span)
      if (is === 'no') continue
      const answers = node.conditions.map((condition) => condition.holds(span))
      const failed = answers.filter((answer) => answer === 'no').length
      const unknown = answers.filter((answer) => answer === 'unknown').length
      about.set(node.index, { is, failed, unknown })
      parts.push(`${node.index}${is}${failed}/${unknown}`)
    }
    const ignored = anyOf(plan.ignore, span)
    const passage = hasKind(span, plan.reading.losses, isCaller)
    const key = `${parts.join(' ')};${ignored}${passage}${Number(hole)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const token = { about, ignored, passage, hole }
    known.set(key, token)
    tokenKeys.set(token, String(known.size))
    return token
  }
}

/** The nodes that a span's name, service and kind do not exclude; asked once per such triple. */
function candidateCache(plan: Plan): (span: Span) => readonly Node[] {
  const known = new Map<string, readonly Node[]>()
  return (span) => {
    const key = `${span.kind}\n${span.name}\n${serviceName(span)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const nodes = plan.nodes.filter((node) => node.mayBe(span))
    known.set(key, nodes)
    return nodes
  }
}

/** Which spans hold a fragment somewhere below: those with a list that looks for descendants, running as it began. */
function adoptionsOf(
  input: ReduceInput,
  tokens: readonly Token[],
): Map<SpanIndex, readonly Adopted<SpanIndex>[]> {
  const adoptions = new Map<SpanIndex, readonly Adopted<SpanIndex>[]>()
  const hosts = input.plan.nodes.filter((node) => node.list.reachesDescendants)
  for (const { members, fragments } of input.cases) {
    for (const host of fragments.length === 0 ? [] : hosts) {
      const spans = members.filter((member) => tokens[member]?.about.has(host.index) === true)
      for (const fragment of fragments)
        adopt(adoptions, fragment, runningHosts(input, fragment, spans))
    }
  }
  return adoptions
}

interface Host {
  readonly host: SpanIndex
  readonly ran: Tri
}

function runningHosts(
  { trace, plan }: ReduceInput,
  fragment: SpanIndex,
  hosts: readonly SpanIndex[],
): readonly Host[] {
  const { losses } = plan.reading
  return hosts.flatMap((host) => {
    const { start: from, end: to } = spanAt(trace, host)
    const ran: Tri = isUntimed(spanAt(trace, host), losses)
      ? 'unknown'
      : beganWithin(spanAt(trace, fragment), { from, to }, losses)
    return ran === 'no' ? [] : [{ host, ran }]
  })
}

function adopt(
  adoptions: Map<SpanIndex, readonly Adopted<SpanIndex>[]>,
  fragment: SpanIndex,
  hosts: readonly Host[],
): void {
  for (const { host, ran } of hosts) {
    const known = adoptions.get(host) ?? []
    if (known.some((one) => one.fragment === fragment)) continue
    const certain = hosts.length === 1 && ran === 'yes'
    adoptions.set(host, [...known, { fragment, certain }])
  }
}
