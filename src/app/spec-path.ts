import { isMap, isScalar, isSeq, type Document } from 'yaml'
import { Fault } from '../trace/fault.ts'

/** Where in a document a change goes: keys of objects and positions in lists. */
export type NodePath = readonly (string | number)[]

/**
 * Reads a path as `expected_spans[0].children[1].count`, `#charge.optional` (below the expectation with that id) or
 * `required_tags.http.route`: what follows a list of tags is one name. `[+]` is the end of a list. A Fault names the part that
 * leads nowhere.
 */
export function parseSpecPath(text: string, document: Document): NodePath {
  const { start, rest } = startOf(text, document)
  const path = [...start]
  let parts = partsOf(rest, text)
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const key = keyIn(path, part, parts)
    path.push(resolved(key.part, path, { document, text }))
    parts = key.rest
  }
  if (path.length === 0) throw wrong(text, 'it names no part of the spec')
  return path
}

function startOf(
  text: string,
  document: Document,
): { readonly start: NodePath; readonly rest: string } {
  const [, id, rest = ''] = /^#([^.[]+)(.*)$/s.exec(text) ?? []
  if (id === undefined) return { start: [], rest: text }
  const start = pathOfId(document, id)
  if (start === undefined) throw wrong(text, `no expectation has the id ${id}`)
  return { start, rest: rest.replace(/^\./, '') }
}

/** Without recursion, as documents may nest deeply. */
function pathOfId(document: Document, id: string): NodePath | undefined {
  const open: { readonly node: unknown; readonly path: NodePath }[] = [
    { node: document.contents, path: [] },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next
    if (isMap(node) && path.length > 0 && node.get('id') === id) return path
    if (isSeq(node))
      node.items.forEach((item, at) => open.push({ node: item, path: [...path, at] }))
    if (!isMap(node)) continue
    for (const { key, value } of node.items) {
      if (isScalar(key)) open.push({ node: value, path: [...path, String(key.value)] })
    }
  }
  return undefined
}

function partsOf(rest: string, text: string): string[] {
  const parts = [...rest.matchAll(/\["([^"]*)"\]|\[(\d{1,6}|\+)\]|([^.[\]]+)/g)]
  const read = parts.map(([whole]) => whole).join('')
  if (read !== rest.replaceAll('.', '')) throw wrong(text, 'write it as expected_spans[0].count')
  return parts.map(([whole, quoted]) => quoted ?? whole)
}

const tagLists = new Set(['required_tags', 'optional_tags', 'where'])

/** Names of tags hold dots. */
function keyIn(
  path: NodePath,
  part: string,
  rest: string[],
): { readonly part: string; readonly rest: string[] } {
  const last = path.at(-1)
  if (typeof last !== 'string' || !tagLists.has(last)) return { part, rest }
  return { part: [part, ...rest].join('.'), rest: [] }
}

interface Around {
  readonly document: Document
  readonly text: string
}

function resolved(part: string, path: NodePath, { document, text }: Around): string | number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn([...path], true)
  const [, index] = /^\[(\d+|\+)\]$/.exec(part) ?? []
  if (index === undefined) {
    if (node === undefined || isMap(node)) return part
    throw wrong(text, `there is no object that could hold ${part}`)
  }
  const length = isSeq(node) ? node.items.length : 0
  if (node !== undefined && !isSeq(node)) throw wrong(text, `${part} stands behind what is no list`)
  const at = index === '+' ? length : Number(index)
  if (at > length) throw wrong(text, `the list has only ${length} items`)
  return at
}

function wrong(text: string, why: string): Fault {
  return new Fault('USAGE', `the path ${text} leads nowhere: ${why}`, {
    hint: 'paths are as in findings and specs: expected_spans[0].children[1].count, #ID.optional, expected_spans[+]',
  })
}
