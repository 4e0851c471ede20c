import { inert } from '../report/sanitize.ts'
import { serverSentences } from '../report/wording/command.ts'
import type { ServerFacts } from '../trace/drive.ts'
import type { PublishedSpec, Result } from '../verify/outcome.ts'
import type { Executed, ExecuteInput } from './run-call.ts'
import { toldWeaker } from './told-weaker.ts'
import { toldOutput, type ToldOptions } from './program-output.ts'
import { bytesOf, compactEvidence, compactSpec, counted, cut, fitting } from './verdict.ts'
import { verdictSteps } from './verdict-steps.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'

const DEFAULT_FINDINGS = 8
const MAX_BYTES = 4000
const MAX_DRIVES = 6

export interface AskedAnswer {
  /** Findings to show. */
  readonly limit?: number | undefined
  readonly output_lines?: number | undefined
  /** What the run was called with; undefined when that is not known. */
  readonly run?: ExecuteInput
}

/** What a run answers: the verdict first, what the program itself said last. */
export function runAnswer(
  asked: AskedAnswer,
  { result, stdout, stderr, secrets }: Executed,
): Readonly<Record<string, unknown>> {
  const most = asked.limit ?? DEFAULT_FINDINGS
  const isLong = most > DEFAULT_FINDINGS || asked.output_lines !== undefined
  const maxBytes = isLong ? Infinity : MAX_BYTES
  const outputs = linesOf(asked, result).map((lines) => ({
    ...(stdout.bytes === 0 ? {} : { stdout: toldOutput(stdout, { lines, secrets }) }),
    ...(stderr.bytes === 0 ? {} : { stderr: toldOutput(stderr, { lines, secrets }) }),
  }))
  const steps = verdictSteps(result, {
    run: asked.run,
    trace: `run:${result.run?.id ?? ''}`,
    isKept: true,
  })
  const make = (shown: number, output: object | undefined): object => ({
    summary: result.summary,
    status: result.status,
    run: runFacts(result),
    captured: capturedFacts(result),
    ...specFacts(result, shown),
    evidence: compactEvidence(result.evidence),
    ...diagnosisFacts(result),
    ...sessionFacts(result),
    output,
    next_steps: [...steps, ...sessionSteps(result)],
  })
  // Fewer lines of output first, then fewer findings.
  const output = outputs.find((one) => bytesOf(make(most, one)) <= maxBytes) ?? outputs.at(-1)
  return { ...fitting(most, maxBytes, (shown) => make(shown, output)) }
}

/** How much of the output may be told, most first. A command that failed by itself is explained by its own words. */
function linesOf(
  { output_lines: asked }: AskedAnswer,
  result: Result,
): readonly ToldOptions['lines'][] {
  if (asked !== undefined) {
    return [{ head: Math.floor(asked / 4), tail: Math.ceil((asked * 3) / 4) }]
  }
  const isFailed = result.command_failed !== null || result.status === 'inconclusive'
  return isFailed ? FAILED_LINES : [{ head: 0, tail: 1 }]
}

const FAILED_LINES = [
  { head: 12, tail: 28 },
  { head: 6, tail: 18 },
  { head: 3, tail: 9 },
] as const

function runFacts({ run }: Result): object {
  return {
    id: run?.id ?? '',
    exit_code: run?.exit_code ?? null,
    signal: run?.signal ?? null,
    duration_ms: Math.round(run?.duration_ms ?? 0),
    ...(run?.server === undefined ? {} : { server: serverFacts(run.server) }),
  }
}

/** The drives are the caller's own words. */
function serverFacts(server: ServerFacts): object {
  const told = cut(serverSentences(server), MAX_DRIVES, 'get_traces lists what they caused')
  return { ready_ms: server.ready_ms === null ? null : Math.round(server.ready_ms), told }
}

function capturedFacts({ captured, specs }: Result): object {
  // Where a spec was judged, its findings say more.
  const most = specs.length > 0 ? 0 : 5
  const names = captured.roots.items.slice(0, most).map((root) => inert(root.name, 80))
  const roots = counted(names, captured.roots.total, 'get_traces lists every trace')
  return {
    spans: captured.spans,
    traces: captured.traces,
    ...(most === 0 ? {} : { roots }),
  }
}

const MAX_SPECS = 3
const MAX_NAMES = 10
const allSpecs = 'list_trace_specs lists all'

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
    ...(passed.length === 0 ? {} : { passed: cut(passed, MAX_NAMES, allSpecs) }),
    ...(idle.length === 0 ? {} : { not_exercised: cut(idle, MAX_NAMES, allSpecs) }),
  }
}

function withStatus({ specs }: Result, status: PublishedSpec['status']): readonly PublishedSpec[] {
  return specs.filter((spec) => spec.status === status)
}

function sessionSteps({ session }: Result): readonly NextCall[] {
  if (session === undefined) return []
  const args = { session_id: session.id }
  return [nextCall(nextCallWhy('what_next'), 'suggest_next_steps', args)]
}

function sessionFacts({ session }: Result): object {
  if (session === undefined) return {}
  const { failing: _, weaker, ...facts } = session
  return { session: { ...facts, ...toldWeaker(weaker) } }
}

function diagnosisFacts({ diagnosis }: Result): object {
  if (diagnosis === null) return {}
  const seen = diagnosis.observations.map((observation) => observation.message)
  return {
    diagnosis: {
      message: diagnosis.message,
      fix: diagnosis.fix.message,
      observations: cut(seen, 5, 'the first say most'),
    },
  }
}
