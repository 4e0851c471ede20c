import { parseSpec } from '../spec/parse.ts'
import type { Spec, SpecIssue } from '../spec/spec.ts'
import type { LoadedSpec, SpecSource } from './spec-files.ts'
import { findSpecs, loadSpec } from './spec-files.ts'
import { slugOf } from './slug.ts'
import { specText } from './spec-text.ts'
import { weakenings, type Weakening } from './weakenings.ts'

export interface Definition {
  readonly name: string
  /** YAML or JSON text, or the object that it stands for. */
  readonly specification: string | Readonly<Record<string, unknown>>
  /** Of the file that is replaced. */
  readonly sha256: string | undefined
}

/** What is to be written, or why nothing is. */
export type Defined =
  | {
      readonly kind: 'write'
      readonly path: string
      readonly text: string
      readonly spec: Spec
      readonly issues: readonly SpecIssue[]
      /** Undefined when the spec is new. */
      readonly before: LoadedSpec | undefined
      readonly weaker: readonly Weakening[]
    }
  | { readonly kind: 'same'; readonly current: SpecSource }
  | { readonly kind: 'invalid'; readonly issues: readonly SpecIssue[] }
  | { readonly kind: 'other_name'; readonly name: string }
  | { readonly kind: 'locked'; readonly current: SpecSource; readonly text: string }

/** Checks a new or replaced spec against the folder as it is; writes nothing. Lines of issues are those of the given text. */
export function defineSpec(
  definition: Definition,
  folder: readonly SpecSource[],
  specs: string,
): Defined {
  const given = specText(definition.specification, definition.name)
  const path = `${specs === '.' ? '' : `${specs}/`}${slugOf(definition.name)}.trace.yaml`
  const { spec, issues } = parseSpec(given.text, { file: 'specification' })
  const shown = issues.map((issue) => shifted(issue, given.insertedAt))
  if (spec === undefined) return { kind: 'invalid', issues: shown }
  if (spec.name !== definition.name) return { kind: 'other_name', name: spec.name }
  const before = currentOf(folder, definition.name, path)
  if (before === undefined) {
    return { kind: 'write', path, text: given.text, spec, issues: shown, before, weaker: [] }
  }
  if (textOf(before.source) === given.text) return { kind: 'same', current: before.source }
  if (before.source.sha256 !== definition.sha256) {
    return { kind: 'locked', current: before.source, text: given.text }
  }
  const { path: place } = before.source
  const weaker = before.spec === undefined ? [] : weakenings(before.spec, spec)
  return {
    kind: 'write',
    path: place,
    text: given.text,
    spec,
    issues: shown,
    before,
    weaker: weaker.map((one) => ({ ...one, at: { ...one.at, file: place } })),
  }
}

/** The spec of this name, else the file that would be written. */
function currentOf(
  folder: readonly SpecSource[],
  name: string,
  path: string,
): LoadedSpec | undefined {
  const loaded = folder.map(loadSpec)
  const named = loaded.filter(({ spec }) => spec?.name === name)
  if (named.length > 1) return findSpecs(() => folder, [{ text: name, file: undefined }])[0]
  return named[0] ?? loaded.find(({ source }) => source.path === path)
}

function textOf({ read }: SpecSource): string {
  return 'text' in read ? read.text : ''
}

/** As if the line that was put in were not there. */
function shifted(issue: SpecIssue, insertedAt: number | undefined): SpecIssue {
  if (insertedAt === undefined || issue.at.line <= insertedAt) return issue
  const { line, endLine } = issue.at
  return { ...issue, at: { ...issue.at, line: line - 1, endLine: endLine - 1 } }
}
