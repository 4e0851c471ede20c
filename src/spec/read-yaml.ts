import { isAlias, isScalar, isSeq } from 'yaml'
import type { ParsedNode, Scalar as YamlScalar, YAMLMap, YAMLSeq } from 'yaml'
import { problem, quoted } from './issue.ts'
import type { SourceEntry, SourceMap, SourceNode } from './source.ts'
import type { SourceRange, SpecIssue } from './spec.ts'
import type { Scalar } from '../trace/canonical.ts'
import { MAX_DEPTH, parseYaml, tooDeep } from './yaml-syntax.ts'
import type { RangeOf } from './yaml-syntax.ts'

/** How many nodes a spec may have once its aliases are expanded. */
const MAX_NODES = 100_000

const CORE_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
)

/** YAML text to a tree, or the issues; a tree with issues is as much as could be read. */
export function readYaml(
  text: string,
  file: string,
): { readonly root: SourceNode | undefined; readonly issues: readonly SpecIssue[] } {
  const parsed = parseYaml(text, file)
  if ('issues' in parsed) return { root: undefined, issues: parsed.issues }
  const build: Build = {
    rangeOf: parsed.document.rangeOf,
    anchors: new Map(),
    issues: [],
    start: parsed.document.rangeOf(0, 0),
    merged: { entries: 0 },
  }
  const built = buildNode(parsed.document.contents, build)
  const size = Math.max(built.nodes, build.merged.entries)
  const bomb = size > MAX_NODES ? [tooManyNodes(build)] : []
  const deep = built.depth > MAX_DEPTH ? [tooDeep(build.start)] : []
  const fatal = [...bomb, ...deep]
  return {
    root: fatal.length === 0 ? built.node : undefined,
    issues: [...build.issues, ...fatal],
  }
}

interface Build {
  readonly rangeOf: RangeOf
  /** Undefined while the anchored node is being built. */
  readonly anchors: Map<string, Built | undefined>
  readonly issues: SpecIssue[]
  readonly start: SourceRange
  /** How many entries merge keys have copied so far. */
  readonly merged: { entries: number }
}

/** An aliased node is shared, not copied; `nodes` and `depth` count it as if it were expanded. */
interface Built {
  readonly node: SourceNode
  readonly nodes: number
  readonly depth: number
}

function tooManyNodes(build: Build): SpecIssue {
  const aliases = build.anchors.size > 0
  return problem(aliases ? 'too_many_aliases' : 'too_large', build.start, {
    message: `The spec has more than ${MAX_NODES} values${aliases ? ' once its aliases are expanded' : ''}.`,
    hint: 'split it into several specs',
  })
}

function buildNode(node: ParsedNode | null, build: Build): Built {
  if (node === null) return empty(build.start)
  const at = build.rangeOf(node.range[0], node.range[1])
  if (isAlias(node)) return resolveAlias(node.source, at, build)
  refuseTag(node, at, build)
  if (node.anchor !== undefined) build.anchors.set(node.anchor, undefined)
  const built = buildContent(node, at, build)
  if (node.anchor !== undefined) build.anchors.set(node.anchor, built)
  return built
}

function empty(at: SourceRange): Built {
  return { node: { kind: 'value', value: null, at }, nodes: 1, depth: 0 }
}

function resolveAlias(name: string, at: SourceRange, build: Build): Built {
  const anchored = build.anchors.get(name)
  if (anchored !== undefined) return anchored
  const message = build.anchors.has(name)
    ? `The alias ${quoted(`*${name}`)} stands inside the value that it names.`
    : `The alias ${quoted(`*${name}`)} names no anchor above it.`
  const hint = `for a text that begins with \`*\` write "*${name.slice(0, 40)}" in quotes`
  build.issues.push(problem('yaml_syntax', at, { message, hint }))
  return empty(at)
}

function refuseTag(node: ParsedNode, at: SourceRange, build: Build): void {
  if (node.tag === undefined || CORE_TAGS.has(node.tag)) return
  build.issues.push(
    problem('yaml_syntax', at, {
      message: `The tag ${quoted(node.tag.replace(/^tag:yaml.org,2002:/, '!!'))} is not allowed in a spec.`,
      hint: 'remove the tag; for a text that begins with `!` use quotes',
    }),
  )
}

function buildContent(
  node: YAMLMap.Parsed | YAMLSeq.Parsed | YamlScalar.Parsed,
  at: SourceRange,
  build: Build,
): Built {
  if (isScalar(node)) {
    return { node: { kind: 'value', value: scalarOf(node.value), at }, nodes: 1, depth: 0 }
  }
  return isSeq(node) ? buildList(node, at, build) : buildMap(node, at, build)
}

/** Integers that a double holds exactly become numbers. */
function scalarOf(value: unknown): Scalar | null {
  if (typeof value === 'bigint') {
    const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    return isSafe ? Number(value) : value
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  return null
}

function buildList(list: YAMLSeq.Parsed, at: SourceRange, build: Build): Built {
  const built = list.items.map((item) => buildNode(item, build))
  return collect({ kind: 'list', items: built.map((item) => item.node), at }, built)
}

function buildMap(map: YAMLMap.Parsed, at: SourceRange, build: Build): Built {
  const entries = new Map<string, SourceEntry>()
  const merged: SourceEntry[] = []
  const built: Built[] = []
  for (const pair of map.items) {
    const keyAt = build.rangeOf(pair.key.range[0], pair.key.range[1])
    const value = pair.value === null ? empty(keyAt) : buildNode(pair.value, build)
    built.push(value)
    if (isMergeKey(pair.key)) {
      merged.push(...mergedEntries(value.node, build))
      continue
    }
    const key = keyOf(pair.key, keyAt, build)
    if (key === undefined) continue
    const first = entries.get(key)
    if (first === undefined) entries.set(key, { key, keyAt, value: value.node })
    else duplicateKey(build, key, { at: keyAt, firstAt: first.keyAt })
  }
  for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry)
  const node: SourceMap = { kind: 'map', entries: [...entries.values()], at }
  return collect(node, built)
}

function collect(node: SourceNode, parts: readonly Built[]): Built {
  let nodes = 1
  let depth = 0
  for (const part of parts) {
    nodes += part.nodes
    depth = Math.max(depth, part.depth)
  }
  return { node, nodes, depth: depth + 1 }
}

function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

/** What `<<` brings in; of several objects the earlier wins: yaml.org/type/merge.html */
function mergedEntries(node: SourceNode, build: Build): readonly SourceEntry[] {
  const maps = node.kind === 'list' ? node.items : [node]
  return maps.flatMap((map) => {
    if (map.kind === 'map') {
      build.merged.entries += map.entries.length
      return build.merged.entries > MAX_NODES ? [] : map.entries
    }
    build.issues.push(
      problem('yaml_syntax', map.at, {
        message: 'A merge key `<<` takes an object or a list of objects.',
      }),
    )
    return []
  })
}

/** A key as text; a number or boolean as it was written. */
function keyOf(key: ParsedNode, at: SourceRange, build: Build): string | undefined {
  const resolved = isAlias(key) ? buildNode(key, build).node : undefined
  if (resolved?.kind === 'value' && resolved.value !== null) return String(resolved.value)
  if (isScalar(key)) {
    refuseTag(key, at, build)
    if (key.value !== null) return key.source
  }
  build.issues.push(
    problem('wrong_type', at, {
      message: 'A key must be a text.',
      hint: 'put a key with special characters in quotes',
    }),
  )
  return undefined
}

function duplicateKey(
  build: Build,
  key: string,
  where: { readonly at: SourceRange; readonly firstAt: SourceRange },
): void {
  build.issues.push(
    problem('duplicate_key', where.at, {
      message: `The key ${quoted(key)} is written twice in the same object.`,
      hint: `it already stands in line ${where.firstAt.line}`,
    }),
  )
}
