import { parseDocument, type Document } from 'yaml'
import { Fault } from '../trace/fault.ts'
import { refuseDeep } from './refuse-deep.ts'
import { parseSpecPath } from './spec-path.ts'

export type SpecEdit =
  | { readonly kind: 'set'; readonly path: string; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: string }

/** The text with the edits in it, one after the other; all other lines stand as they were written. */
export function editSpecText(text: string, edits: readonly SpecEdit[]): string {
  return edits.reduce(editOnce, text)
}

const parsing = { version: '1.2', intAsBigInt: true, prettyErrors: false } as const
const writing = { lineWidth: 0 } as const

function editOnce(text: string, edit: SpecEdit): string {
  const document = parseDocument(text, parsing)
  const [error] = document.errors
  if (error !== undefined) {
    throw new Fault('SPEC_INVALID', `the spec is no YAML: ${error.message}`, {
      hint: 'write the whole text with define_trace_spec',
    })
  }
  const before = document.toString(writing)
  apply(document, edit)
  const after = document.toString(writing)
  const spliced = splice(text, before, after)
  return spliced !== undefined && says(spliced, after) ? spliced : after
}

function apply(document: Document, edit: SpecEdit): void {
  const path = parseSpecPath(edit.path, document)
  if (edit.kind === 'set') {
    refuseDeep(edit.value)
    document.setIn([...path], document.createNode(edit.value))
    return
  }
  if (document.deleteIn([...path])) return
  throw new Fault('USAGE', `there is nothing at ${edit.path} to remove`, {
    hint: 'get_trace_spec shows the text as it is',
  })
}

/** The one stretch of lines that the edit changed, put into the text as it was written; undefined where lines do not correspond. */
function splice(text: string, before: string, after: string): string | undefined {
  const written = text.split('\n')
  const old = before.split('\n')
  const now = after.split('\n')
  if (written.length !== old.length) return undefined
  const most = Math.min(old.length, now.length)
  let start = 0
  while (start < most && old[start] === now[start]) start += 1
  let end = 0
  while (end < most - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1
  return [
    ...written.slice(0, start),
    ...now.slice(start, now.length - end),
    ...written.slice(written.length - end),
  ].join('\n')
}

/** Whether two texts say the same. */
function says(text: string, other: string): boolean {
  const document = parseDocument(text, parsing)
  return document.errors.length === 0 && document.toString(writing) === other
}
