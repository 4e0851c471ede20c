import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { parseSync, type ParseResult } from 'oxc-parser'

/** What a file of the tree refers to, as far as the rules ask. */
interface SourceFile {
  /** Below the root of the sources, as `trace/span.ts`. */
  readonly path: string
  readonly folder: string
  readonly imports: readonly Import[]
  readonly parsed: ParseResult
}

interface Import {
  readonly from: string
  /** The imported file when the specifier is relative, else undefined. */
  readonly file: string | undefined
  readonly typesOnly: boolean
}

export interface Architecture {
  /** Folder (or file at the top) -> what it may import; `type x` allows types of `x` only. */
  readonly mayImport: Readonly<Record<string, readonly string[]>>
  readonly pure: readonly string[]
  /** The one file that may only re-export. */
  readonly publicApi: string
}

type Rule = (file: SourceFile, architecture: Architecture) => readonly string[]

const rules: readonly Rule[] = [
  directionFindings,
  purityFindings,
  indexFindings,
  barrelFindings,
  defaultExportFindings,
  nameFindings,
]

/** Every breach in a tree of sources (path -> text), one sentence each, in the order of the paths. */
export function architectureFindings(
  tree: ReadonlyMap<string, string>,
  architecture: Architecture,
): string[] {
  const files = [...tree]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => readSource(path, text))
  return [
    ...files.flatMap((file) => rules.flatMap((rule) => rule(file, architecture))),
    ...cycleFindings('files', fileGraph(files)),
    ...cycleFindings('folders', folderGraph(files)),
  ]
}

function readSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text)
  const at = (specifier: string): string | undefined =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
  const { staticImports, staticExports, dynamicImports } = parsed.module
  const imports: Import[] = staticImports.map(({ moduleRequest: { value }, entries }) => ({
    from: value,
    file: at(value),
    typesOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }))
  for (const { moduleRequest, isType } of staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest === null) continue
    const from = moduleRequest.value
    imports.push({ from, file: at(from), typesOnly: isType })
  }
  for (const { moduleRequest } of dynamicImports) {
    const from = text.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, '')
    imports.push({ from, file: at(from), typesOnly: false })
  }
  return { path, folder: folderOf(path), imports, parsed }
}

/** The folder below the root; a file at the top is its own folder. */
function folderOf(path: string): string {
  return path.split('/')[0] ?? path
}

function directionFindings(file: SourceFile, { mayImport }: Architecture): string[] {
  const allowed = mayImport[file.folder]
  if (allowed === undefined) return [`${file.path}: ${file.folder} is not in the table`]
  return file.imports.flatMap((imported) => {
    if (imported.file === undefined) return []
    const folder = folderOf(imported.file)
    if (folder === file.folder || allowed.includes(folder)) return []
    if (!allowed.includes(`type ${folder}`)) {
      return [`${file.path}: ${file.folder} may not import ${imported.file}`]
    }
    return imported.typesOnly
      ? []
      : [`${file.path}: ${file.folder} may import only types of ${imported.file}`]
  })
}

const impureGlobals = new Set(
  'fetch process console setTimeout setInterval setImmediate queueMicrotask performance crypto Buffer require globalThis'.split(
    ' ',
  ),
)
const impureMembers = new Set(['Date.now', 'Math.random'])

function purityFindings(file: SourceFile, { pure }: Architecture): string[] {
  if (!pure.includes(file.folder)) return []
  return [
    ...file.imports.filter(({ from }) => isBuiltin(from)).map(({ from }) => from),
    ...impureUses(file.parsed.program),
  ].map((what) => `${file.path}: a pure folder may not use ${what}`)
}

/** The ambient names that a file reads, each once; members, keys and names of its own are none. */
function impureUses(program: unknown): string[] {
  const nodes = readNodes(program)
  const own = new Set(nodes.flatMap(boundParts).flatMap(readNodes).map(nameOf))
  const uses = nodes.map(impureUse).filter((use) => use !== undefined && !own.has(use))
  return [...new Set(uses)].map(String).toSorted()
}

function readNodes(root: unknown): SyntaxNode[] {
  const nodes: SyntaxNode[] = []
  const pending = [root]
  while (pending.length > 0) {
    const node = pending.pop()
    if (Array.isArray(node)) pending.push(...node)
    if (!isNode(node)) continue
    nodes.push(node)
    pending.push(...readParts(node))
  }
  return nodes
}

/** Where a node binds names. */
function boundParts(node: SyntaxNode): unknown[] {
  if (node.type === 'VariableDeclarator') return [node['id']]
  return 'params' in node ? [node['params']] : []
}

interface SyntaxNode {
  readonly type: string
  readonly [part: string]: unknown
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value
}

function impureUse(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier') {
    return impureGlobals.has(String(node['name'])) ? String(node['name']) : undefined
  }
  if (node.type === 'NewExpression') {
    const bare = nameOf(node['callee']) === 'Date' && (node['arguments'] as unknown[]).length === 0
    return bare ? 'new Date()' : undefined
  }
  if (node.type !== 'MemberExpression') return undefined
  const member = `${nameOf(node['object'])}.${nameOf(node['property'])}`
  return impureMembers.has(member) ? member : undefined
}

function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : ''
}

/** The parts of a node that are read as expressions: not the names of members and keys, and no types. */
function readParts(node: SyntaxNode): unknown[] {
  if (node.type.startsWith('TS') && !node.type.endsWith('Expression')) return []
  return Object.entries(node)
    .filter(([part]) => {
      if (part === 'property') return node['computed'] === true
      if (part === 'key') return node['computed'] === true
      return part !== 'typeAnnotation'
    })
    .map(([, value]) => value)
}

function indexFindings({ path }: SourceFile): string[] {
  return /\/index\.\w+$/.test(path) ? [`${path}: no index file inside a folder`] : []
}

function barrelFindings({ path, parsed }: SourceFile, { publicApi }: Architecture): string[] {
  const exported = parsed.module.staticExports.flatMap(({ entries }) => entries)
  if (exported.some(({ importName }) => importName.kind.startsWith('All'))) {
    return [`${path}: no export *`]
  }
  const onlyPassesOn =
    exported.length > 0 &&
    parsed.program.body.every(
      (statement) =>
        statement.type === 'ImportDeclaration' ||
        (statement.type === 'ExportNamedDeclaration' && statement.declaration === null),
    )
  return onlyPassesOn && path !== publicApi ? [`${path}: only re-exports`] : []
}

function defaultExportFindings({ path, parsed }: SourceFile): string[] {
  return parsed.module.staticExports
    .flatMap(({ entries }) => entries)
    .filter(({ exportName }) => String(exportName.kind) === 'Default')
    .map(() => `${path}: no default export`)
}

function nameFindings({ path }: SourceFile): string[] {
  return path
    .split('/')
    .map((part) => part.replace(/\..*$/, ''))
    .filter((part) => /(?:^|-)(?:utils?|helpers?|managers?|services?)$/i.test(part))
    .map((part) => `${path}: "${part}" says nothing about what it holds`)
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>

function fileGraph(files: readonly SourceFile[]): Graph {
  return new Map(
    files.map(({ path, imports }) => [
      path,
      new Set(imports.flatMap(({ file }) => (file === undefined ? [] : [file]))),
    ]),
  )
}

function folderGraph(files: readonly SourceFile[]): Graph {
  const graph = new Map<string, Set<string>>(files.map(({ folder }) => [folder, new Set()]))
  for (const { folder, imports } of files) {
    for (const { file } of imports) {
      if (file !== undefined && folderOf(file) !== folder) graph.get(folder)?.add(folderOf(file))
    }
  }
  return graph
}

/** Names every node that reaches itself, in one sentence for each group that reaches each other. */
function cycleFindings(what: string, graph: Graph): string[] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachable(graph, node)]))
  const groups = [...graph.keys()]
    .filter((node) => reached.get(node)?.has(node))
    .map((node) =>
      [...(reached.get(node) ?? [])].filter((other) => reached.get(other)?.has(node)).toSorted(),
    )
  return [...new Set(groups.map((group) => `${what} import each other: ${group.join(', ')}`))]
}

function reachable(graph: Graph, start: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const pending = [start]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      pending.push(next)
    }
  }
  return seen
}
