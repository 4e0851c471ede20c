import type { Expectation, Matcher } from '../../src/spec/spec.ts'
import type { Span } from '../../src/trace/span.ts'
import { serviceName } from '../../src/trace/span.ts'
import type { Pair } from './pairs.ts'
import { spanAt } from './tree.ts'

/** The pairs that are easiest to read, one text each: what a failing comparison prints. */
export function smallest(pairs: readonly Pair[]): readonly string[] {
  return pairs
    .map(outline)
    .toSorted((one, other) => one.length - other.length)
    .slice(0, 3)
}

function outline({ spec, tree }: Pair): string {
  const ignore = spec.ignore.length > 0 ? ['ignore: ignored'] : []
  return [...ignore, ...expectations(spec.expected, ''), ...spans(tree, -1, '')].join('\n')
}

function expectations(list: readonly Expectation[], indent: string): readonly string[] {
  return list.flatMap((expectation) => {
    const { identity, relation, count, duration, status, tags, children } = expectation
    const parts = [
      `expect ${matcher(identity.operationName)}`,
      identity.serviceName === undefined ? '' : `service ${matcher(identity.serviceName)}`,
      identity.kind ?? '',
      ...identity.where.map((tag) => `where ${tag.name} ${matcher(tag.matcher)}`),
      relation,
      `${count.min}..${count.max}`,
      duration === undefined ? '' : `duration ${duration.minMs ?? 0}..${duration.maxMs ?? ''}`,
      status?.condition ?? '',
      ...tags.map((tag) => `${tag.optional ? 'optional ' : ''}${tag.name} ${matcher(tag.matcher)}`),
    ]
    return [line(indent, parts), ...expectations(children, `${indent}  `)]
  })
}

function spans(tree: Pair['tree'], above: number, indent: string): readonly string[] {
  return tree.parent.flatMap((parent, at) => {
    if (parent !== above) return []
    const span = spanAt(tree, at)
    const tags = ['flavour', 'tag']
      .filter((name) => span.attributes.has(name))
      .map((name) => tagText(span, name))
    const millis = `${(span.end - span.start) / 1_000_000n}ms`
    const parts = [span.name, serviceName(span), span.kind, span.status.code, millis, ...tags]
    return [line(indent, parts), ...spans(tree, at, `${indent}  `)]
  })
}

function tagText(span: Span, name: string): string {
  const value = span.attributes.get(name)
  return `${name}=${typeof value === 'string' ? value : ''}`
}

function matcher(asked: Matcher | undefined): string {
  if (asked === undefined) return '*'
  if (asked.kind === 'eq') return String(asked.value)
  return asked.kind === 'in' ? asked.values.map(String).join('|') : asked.kind
}

function line(indent: string, parts: readonly string[]): string {
  return indent + parts.filter((part) => part !== '').join(' ')
}
