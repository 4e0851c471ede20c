import type { Defined } from '../app/define-spec.ts'
import { specListOf } from '../app/spec-list.ts'
import { loadSpec, type SpecSource } from '../app/spec-files.ts'
import { versionsWritten } from '../app/spec-versions.ts'
import { lineDifference } from '../app/line-difference.ts'
import type { Weakening } from '../app/weakenings.ts'
import { inert } from '../report/sanitize.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import { plural } from '../report/wording/phrases.ts'
import { weakeningSentence } from '../report/wording/weakening.ts'
import type { Bounded } from '../verify/result.ts'
import type { Wire } from '../wire.ts'
import type { Answer } from './answer.ts'
import { lastRunSteps } from './last-run.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { toldIssues } from './spec-issues.ts'
import { cut } from './verdict.ts'

interface Around {
  readonly wire: Wire
  /** The name that was asked for. */
  readonly name: string
  readonly origin: 'define' | 'update'
}

/** Writes what may be written, and answers what became of it. */
export async function definedAnswer(defined: Defined, around: Around): Promise<Answer> {
  switch (defined.kind) {
    case 'write':
      return { structured: await written(defined, around) }
    case 'same':
      return { structured: await unchanged(defined.current, around) }
    case 'invalid':
      return refused({
        code: 'SPEC_INVALID',
        summary: `Nothing was written: the specification has ${plural(defined.issues.length, 'issue')}.`,
        issues: toldIssues(defined.issues),
      })
    case 'other_name':
      return refused({
        code: 'USAGE',
        summary: `Nothing was written: the text says name: ${inert(defined.name, 80)}, the call ${around.name}.`,
        hint: 'leave name out of the text, or write the same in both',
      })
    case 'locked':
      return locked(defined)
  }
}

type Write = Extract<Defined, { readonly kind: 'write' }>

async function written(defined: Write, { wire, origin }: Around): Promise<Answer['structured']> {
  const { path, text, spec, before, weaker, issues } = defined
  const store = await wire.store()
  const sha256 = await wire.writeSpec({ path, text, replaces: before?.source.sha256 })
  const now = { spec, path, sha256, text, warnings: issues }
  await store.keepSpecs(versionsWritten(before, now, { origin, at: wire.now() }))
  const verb = before === undefined ? 'Wrote' : 'Replaced'
  const less =
    weaker.length === 0 ? '' : ` It asks for less than before in ${plural(weaker.length, 'place')}.`
  return {
    summary: `${verb} ${path}.${less}`,
    written: true,
    path,
    sha256,
    expectations: expectationsIn({ path, sha256, read: { text } }),
    weaker: toldWeaker(weaker),
    issues: toldIssues(issues),
    next_steps: await lastRunSteps(wire, path),
  }
}

async function unchanged(current: SpecSource, { wire }: Around): Promise<Answer['structured']> {
  const { path, sha256 } = current
  return {
    summary: `${path} says so already; nothing was written.`,
    written: false,
    path,
    sha256,
    expectations: expectationsIn(current),
    weaker: toldWeaker([]),
    issues: toldIssues([]),
    next_steps: await lastRunSteps(wire, path),
  }
}

function expectationsIn(source: SpecSource): number {
  return specListOf([loadSpec(source)]).specs[0]?.expectations ?? 0
}

function toldWeaker(weaker: readonly Weakening[]): Bounded<object> {
  const told = weaker.map((one) => ({
    at: `${one.at.file}:${one.at.line}:${one.at.column}`,
    message: weakeningSentence(one),
  }))
  return cut(told, 20, 'get_trace_spec shows the whole text')
}

const MAX_DIFFERENCE = 60

/** What stands there now, so that the agent can decide which of the two is right. */
function locked({ current, text }: Extract<Defined, { readonly kind: 'locked' }>): Answer {
  const now = 'text' in current.read ? current.read.text : ''
  const lines = lineDifference(now, text).map((line) => inert(line, 200))
  return refused({
    code: 'SPEC_CHANGED',
    summary: `Nothing was written: ${current.path} exists, and its sha256 was not sent or has changed.`,
    hint: 'look at the difference, then call again with sha256',
    sha256: current.sha256,
    difference: cut(lines, MAX_DIFFERENCE, 'get_trace_spec shows the whole text'),
    nextSteps: [nextCall(nextCallWhy('see_spec'), 'get_trace_spec', { name: current.path })],
  })
}

interface Refusal {
  readonly code: string
  readonly summary: string
  readonly hint?: string
  readonly issues?: Bounded<object>
  readonly sha256?: string
  readonly difference?: Bounded<string>
  readonly nextSteps?: readonly NextCall[]
}

function refused({ code, summary, hint, nextSteps = [], ...facts }: Refusal): Answer {
  return {
    isError: true,
    structured: {
      summary,
      error: { code, message: summary, hint: hint ?? null },
      ...facts,
      next_steps: nextSteps,
    },
  }
}
