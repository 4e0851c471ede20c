import { MAX_SPEC_BYTES, tooLarge } from './decode.ts'
import { inFileOrder, problem } from './issue.ts'
import { specShape } from './language.ts'
import { readYaml } from './read-yaml.ts'
import { describeNode } from './source.ts'
import type { Reading, SourceNode } from './source.ts'
import type { Spec, SpecIssue } from './spec.ts'

export interface ParsedSpec {
  /** Undefined when an issue is an error. */
  readonly spec: Spec | undefined
  /** All of them, in file order. */
  readonly issues: readonly SpecIssue[]
}

/** YAML or JSON text to a spec, or everything that is wrong with it; never throws. */
export function parseSpec(text: string, options: { readonly file: string }): ParsedSpec {
  if (text.length > MAX_SPEC_BYTES) return refused([tooLarge(options.file)])
  const yaml = readYaml(withoutMark(text), options.file)
  if (yaml.root === undefined) return refused(yaml.issues)
  const read = readSpec(yaml.root)
  const issues = inFileOrder([...yaml.issues, ...read.issues])
  return issues.some(isError) ? refused(issues) : { spec: read.spec, issues }
}

function refused(issues: readonly SpecIssue[]): ParsedSpec {
  return { spec: undefined, issues }
}

/** The byte order mark is no character of the file's first line. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function readSpec(root: SourceNode): ParsedSpec {
  if (root.kind !== 'map') return refused([noSpec(root)])
  const reading: Reading = { issues: [], ids: new Map(), path: '', field: '' }
  const spec = specShape.read(root, reading)
  return { spec, issues: reading.issues }
}

function noSpec(root: SourceNode): SpecIssue {
  const isEmpty = root.kind === 'value' && root.value === null
  return problem('wrong_type', root.at, {
    message: isEmpty ? 'The file is empty.' : `A spec is an object, not ${describeNode(root)}.`,
    hint: 'begin with `name:` and `expected_spans:`',
  })
}

function isError(issue: SpecIssue): boolean {
  return issue.severity === 'error'
}
