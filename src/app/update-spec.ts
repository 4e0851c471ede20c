import { parseSpec } from '../spec/parse.ts'
import type { SpecIssue } from '../spec/spec.ts'
import type { Defined } from './define-spec.ts'
import { editSpecText, type SpecEdit } from './edit-spec-text.ts'
import type { LoadedSpec } from './spec-files.ts'
import { weakenings } from './weakenings.ts'

export interface SpecUpdate {
  /** Of the file that the edits were made for. */
  readonly sha256: string
  readonly edits: readonly SpecEdit[]
}

// What cannot be read as YAML within its bounds has no parts to change.
const UNREADABLE: ReadonlySet<SpecIssue['code']> = new Set([
  'yaml_syntax',
  'too_large',
  'too_many_aliases',
  'too_deep',
  'not_utf8',
])

/** Checks a spec with some of its parts changed; writes nothing. Lines of issues are those of the changed text. */
export function updateSpec(before: LoadedSpec, { sha256, edits }: SpecUpdate): Defined {
  const { source } = before
  const current = 'text' in source.read ? source.read.text : undefined
  const unreadable = before.issues.filter((issue) => UNREADABLE.has(issue.code))
  if (current === undefined || unreadable.length > 0) {
    return { kind: 'invalid', issues: before.issues }
  }
  const text = editSpecText(current, edits)
  if (source.sha256 !== sha256) return { kind: 'locked', current: source, text }
  if (text === current) return { kind: 'same', current: source }
  const { spec, issues } = parseSpec(text, { file: source.path })
  if (spec === undefined) return { kind: 'invalid', issues }
  const weaker = before.spec === undefined ? [] : weakenings(before.spec, spec)
  return { kind: 'write', path: source.path, text, spec, issues, before, weaker }
}
