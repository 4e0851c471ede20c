import { inert } from '../report/sanitize.ts'
import type { SpecIssue } from '../spec/spec.ts'
import type { Bounded } from '../verify/result.ts'
import { cut } from './verdict.ts'

const MAX_ISSUES = 30

/** The issues of a spec, each with its place; `shift` lines are taken away where the text was given without them. */
export function toldIssues(
  issues: readonly SpecIssue[],
  shift: LineShift = noShift,
): Bounded<object> {
  const told = issues.map(({ severity, message, hint, at }) => ({
    severity,
    at: `${at.file}:${shift(at.line)}:${at.column}`,
    message: inert(message, 400),
    hint: hint === undefined ? null : inert(hint, 400),
  }))
  return cut(told, MAX_ISSUES, 'repair these first')
}

export type LineShift = (line: number) => number

function noShift(line: number): number {
  return line
}
