import { inert } from '../report/sanitize.ts'
import type { PublishedSpec, Result } from '../verify/outcome.ts'
import type { Executed, ExecuteInput } from './execute.ts'
import { toldOutput, type ToldOptions } from './program-output.ts'
import { compactEvidence, compactSpec, counted, cut, fitting } from './verdict.ts'
import { verdictSteps } from './verdict-steps.ts'

const DEFAULT_FINDINGS = 8
const MAX_BYTES = 4000

/** What a run answers: the verdict first, what the program itself said last. */
export function runAnswer(
  input: ExecuteInput,
  { result, stdout, stderr, secrets }: Executed,
): Readonly<Record<string, unknown>> {
  const most = input.limit ?? DEFAULT_FINDINGS
  const isLong = most > DEFAULT_FINDINGS || input.output_lines !== undefined
  const options = { lines: linesOf(input, result), secrets }
  const output = { stdout: toldOutput(stdout, options), stderr: toldOutput(stderr, options) }
  const run = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const steps = verdictSteps(result, { run, trace: `run:${result.run?.id ?? ''}`, isKept: true })
  return fitting(most, isLong ? Infinity : MAX_BYTES, (shown) => ({
    summary: result.summary,
    status: result.status,
    run: runFacts(result),
    captured: capturedFacts(result),
    ...specFacts(result, shown),
    evidence: compactEvidence(result.evidence),
    diagnosis: diagnosisFacts(result),
    output,
    next_steps: steps,
  }))
}

/** A command that failed by itself is explained by its own words. */
function linesOf({ output_lines: asked }: ExecuteInput, result: Result): ToldOptions['lines'] {
  if (asked !== undefined) return { head: Math.floor(asked / 4), tail: Math.ceil((asked * 3) / 4) }
  const isFailed = result.command_failed !== null || result.status === 'inconclusive'
  return isFailed ? { head: 3, tail: 9 } : { head: 0, tail: 2 }
}

function runFacts({ run }: Result): object {
  return {
    id: run?.id ?? '',
    exit_code: run?.exit_code ?? null,
    signal: run?.signal ?? null,
    duration_ms: Math.round(run?.duration_ms ?? 0),
  }
}

function capturedFacts({ captured }: Result): object {
  const names = captured.roots.items.slice(0, 3).map((root) => inert(root.name, 80))
  return {
    spans: captured.spans,
    traces: captured.traces,
    roots: counted(names, captured.roots.total, 'get_traces lists every trace'),
  }
}

const MAX_SPECS = 3
const MAX_NAMES = 10

function specFacts(result: Result, shown: number): object {
  const open = [...withStatus(result, 'fail'), ...withStatus(result, 'inconclusive')]
  const passed = withStatus(result, 'pass').map(({ spec }) => inert(spec.name, 200))
  const idle = result.not_exercised.map((spec) => inert(spec.name, 200))
  return {
    specs: cut(
      open.map((spec) => compactSpec(spec, shown)),
      MAX_SPECS,
      'compare_trace_to_spec with this run judges any one of them',
    ),
    passed: cut(passed, MAX_NAMES, 'list_trace_specs lists all'),
    not_exercised: cut(idle, MAX_NAMES, 'list_trace_specs lists all'),
  }
}

function withStatus({ specs }: Result, status: PublishedSpec['status']): readonly PublishedSpec[] {
  return specs.filter((spec) => spec.status === status)
}

function diagnosisFacts({ diagnosis }: Result): object | null {
  if (diagnosis === null) return null
  const seen = diagnosis.observations.map((observation) => observation.message)
  return {
    message: diagnosis.message,
    fix: diagnosis.fix.message,
    observations: cut(seen, 5, 'the first say most'),
  }
}
