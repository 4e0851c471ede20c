import { cannotFail } from './cannot-fail.ts'
import { MAX_SPEC_BYTES, tooLarge, withoutMark } from './decode.ts'
import { inFileOrder, problem } from './issue.ts'
import { specShape } from './language.ts'
import { unknownPercentiles } from './percentiles.ts'
import { readYaml } from './read-yaml.ts'
import { siblingDoubts } from './siblings.ts'
import { describeNode } from './source.ts'
import type { Reading, SourceNode } from './source.ts'
import type { Spec, SpecIssue } from './spec.ts'

/** Siblings are compared in pairs. */
const MAX_EXPECTATIONS = 2000

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
  const found = [...yaml.issues, ...read.issues]
  if (read.spec === undefined || found.some(isError)) return refused(inFileOrder(found))
  return judged(read.spec, found)
}

function refused(issues: readonly SpecIssue[]): ParsedSpec {
  return { spec: undefined, issues }
}

function readSpec(root: SourceNode): ParsedSpec {
  if (root.kind !== 'map') return refused([noSpec(root)])
  const reading: Reading = { issues: [], ids: new Map(), path: '', field: '' }
  const spec = specShape.read(root, reading)
  const tooMany = reading.ids.size > MAX_EXPECTATIONS ? [tooManyExpectations(root)] : []
  return { spec, issues: [...reading.issues, ...tooMany] }
}

/** What only a spec that could be read shows. */
function judged(spec: Spec, found: readonly SpecIssue[]): ParsedSpec {
  const issues = inFileOrder([
    ...found,
    ...cannotFail(spec),
    ...unknownPercentiles(spec),
    ...siblingDoubts(spec),
  ])
  return issues.some(isError) ? refused(issues) : { spec, issues }
}

function tooManyExpectations(root: SourceNode): SpecIssue {
  return problem('too_large', root.at, {
    message: `The spec has more than ${MAX_EXPECTATIONS} expectations.`,
    hint: 'split it into several specs',
  })
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
