import { expect, test } from 'vitest'
import { historyOf } from '../../src/app/session-history.ts'
import { progressOf, stripOf } from '../../src/app/session-progress.ts'
import { sessionSentence } from '../../src/report/wording/session.ts'
import type { CheckVerdict, IterationRecord } from '../../src/trace/ports.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { verifies } from '../verifies.ts'

const session = {
  id: 's-1',
  goal: undefined,
  specs: [],
  project: '/p',
  startedAt: nanosOf(0n),
  endedAt: undefined,
}

type State = CheckVerdict['state']

/** Checks of the spec `shop` as `subject condition`, each with its state. */
interface Run {
  readonly checks: Readonly<Record<string, State>>
  readonly code?: string
  readonly spec?: string
  readonly status?: string
}

function iterationsOf(runs: readonly Run[]): readonly IterationRecord[] {
  return runs.map(({ checks, code, spec, status }, at) => ({
    runId: `r-${at + 1}`,
    ordinal: at + 1,
    command: ['npm', 'test'],
    cwd: '/p',
    options: [],
    code: code === undefined ? undefined : { commit: 'c', dirty: [], dirtyTotal: 0, digest: code },
    status: status ?? (Object.values(checks).includes('fail') ? 'fail' : 'pass'),
    specs: [
      {
        name: 'shop',
        path: 'specs/shop.yaml',
        sha256: spec ?? 'one',
        status: status ?? (Object.values(checks).includes('fail') ? 'fail' : 'pass'),
      },
    ],
    checks: Object.entries({ ' case': 'pass' as const, ...checks }).map(([name, state]) => ({
      spec: 'shop',
      subject: name.slice(0, name.lastIndexOf(' ')),
      condition: name.slice(name.lastIndexOf(' ') + 1),
      state,
      label: name,
      at: 'specs/shop.yaml:1:1',
    })),
    startedAt: nanosOf(BigInt(at)),
    durationMs: 1,
    tokens: undefined,
  }))
}

const pay = '#pay count.min'
const tag = '#pay required_tags.card'
const error = 'span ["pay"] error_conditions'
const errors = ' error_conditions'

interface Story {
  readonly story: string
  readonly runs: readonly Run[]
  /** What the last run is told to have moved. */
  readonly moved: Readonly<Record<string, readonly string[]>>
  readonly change: string
  readonly status: string
}

const stories: readonly Story[] = [
  {
    story: 'what failed and passes is fixed',
    runs: [{ checks: { [pay]: 'fail' } }, { checks: { [pay]: 'pass' } }],
    moved: { fixed: [pay] },
    change: 'helped',
    status: 'green',
  },
  {
    story: 'what the evidence does not decide is not fixed',
    runs: [{ checks: { [pay]: 'fail' } }, { checks: { [pay]: 'open' }, status: 'inconclusive' }],
    moved: {},
    change: 'none',
    status: 'red',
  },
  {
    story: 'what a repair reveals is new and does not hurt',
    runs: [{ checks: { [pay]: 'fail' } }, { checks: { [pay]: 'pass', [tag]: 'fail' } }],
    moved: { fixed: [pay], revealed: [tag] },
    change: 'helped',
    status: 'red',
  },
  {
    story: 'a condition whose span went missing is not fixed',
    runs: [{ checks: { [pay]: 'pass', [tag]: 'fail' } }, { checks: { [pay]: 'fail' } }],
    moved: { broken: [pay] },
    change: 'hurt',
    status: 'red',
  },
  {
    story: 'a condition that the changed spec does not ask for is not fixed',
    runs: [
      { checks: { [pay]: 'pass', [tag]: 'fail' } },
      { checks: { [pay]: 'pass' }, spec: 'two' },
    ],
    moved: { noLongerAsked: [tag] },
    change: 'none',
    status: 'green',
  },
  {
    story: 'an error that is gone where errors are decided is fixed',
    runs: [{ checks: { [errors]: 'pass', [error]: 'fail' } }, { checks: { [errors]: 'pass' } }],
    moved: { fixed: [error] },
    change: 'helped',
    status: 'green',
  },
  {
    story: 'an error that is gone where errors are open is not fixed',
    runs: [
      { checks: { [errors]: 'pass', [error]: 'fail' } },
      { checks: { [errors]: 'open' }, status: 'inconclusive' },
    ],
    moved: {},
    change: 'none',
    status: 'red',
  },
  {
    story: 'fixing one and breaking another is mixed',
    runs: [
      { checks: { [pay]: 'fail', [tag]: 'pass' } },
      { checks: { [pay]: 'pass', [tag]: 'fail' } },
    ],
    moved: { fixed: [pay], broken: [tag] },
    change: 'mixed',
    status: 'red',
  },
  {
    story: 'the same code that passes after it failed flickers, and is not green',
    runs: [
      { checks: { [pay]: 'fail' }, code: 'a' },
      { checks: { [pay]: 'pass' }, code: 'a' },
    ],
    moved: { flickering: [pay] },
    change: 'same_code',
    status: 'undecided',
  },
  {
    story: 'the same code under another text of the spec does not flicker',
    runs: [
      { checks: { [pay]: 'fail' }, code: 'a' },
      { checks: { [pay]: 'pass' }, code: 'a', spec: 'two' },
    ],
    moved: { fixed: [pay] },
    change: 'helped',
    status: 'green',
  },
  {
    story: 'code that went back to what failed before flickers only when it differs',
    runs: [
      { checks: { [pay]: 'fail' }, code: 'a' },
      { checks: { [pay]: 'pass' }, code: 'b' },
      { checks: { [pay]: 'fail' }, code: 'a' },
    ],
    moved: { broken: [pay] },
    change: 'hurt',
    status: 'red',
  },
]

test.for(stories)('$story', ({ runs, moved, change, status }) => {
  verifies('P-16')
  const iterations = iterationsOf(runs)
  const last = historyOf(iterations).movements.at(-1)
  const lists = ['fixed', 'broken', 'revealed', 'flickering', 'noLongerAsked'] as const
  const told = lists.flatMap((name) => {
    const labels = (last?.[name] ?? []).map(({ label }) => label)
    return labels.length === 0 ? [] : [[name, labels] as const]
  })
  expect({ moved: Object.fromEntries(told), change: last?.change }).toEqual({ moved, change })
  expect(stripOf(session, iterations, new Map()).status).toBe(status)
})

test('what passes because its spec asks for less is not fixed', () => {
  verifies('P-16', 'X-07')
  const iterations = iterationsOf([
    { checks: { [pay]: 'fail', [tag]: 'fail', [error]: 'fail', ' error_conditions': 'fail' } },
    {
      checks: { [pay]: 'pass', [tag]: 'pass', ' error_conditions': 'pass' },
      spec: 'two',
    },
  ])
  const loosened = { spec: 'shop', at: 'specs/shop.yaml:1:1', before: '1', after: '9' }
  const weakened = new Map([
    [
      'r-2',
      [
        { ...loosened, code: 'widened' as const, label: pay, field: 'count.min' },
        { ...loosened, code: 'silenced' as const, label: 'any', field: 'error_conditions' },
      ],
    ],
  ])
  const { totals, iterations: told } = progressOf(session, iterations, {
    iterations: 5,
    checks: 5,
    weakened,
  })
  const [, last] = told.items
  expect(totals).toMatchObject({ fixed: 1, still_failing: 0 })
  expect(last?.fixed.items.map(({ label }) => label)).toEqual([tag])
  expect(last?.no_longer_asked.items.map(({ label }) => label)).toEqual([
    pay,
    ' error_conditions',
    error,
  ])
  const without = iterationsOf([
    { checks: { [pay]: 'fail' }, code: 'a' },
    { checks: { [pay]: 'pass' }, code: 'a', spec: 'two' },
  ])
  expect(historyOf(without, weakened).movements.at(-1)).toMatchObject({
    change: 'none',
    fixed: [],
  })
})

test('a green session tells what its specs ask for less, however few iterations are told', () => {
  const iterations = iterationsOf([
    { checks: { [pay]: 'fail', [tag]: 'fail' } },
    { checks: { [pay]: 'pass', [tag]: 'fail' }, spec: 'two' },
    { checks: { [pay]: 'pass', [tag]: 'pass' }, spec: 'two' },
  ])
  const one = { spec: 'shop', at: 'specs/shop.yaml:1:1', before: '1', after: '9' }
  const weakened = new Map([
    ['r-2', [{ ...one, code: 'widened' as const, label: pay, field: 'count.min' }]],
  ])
  const told = progressOf(session, iterations, { iterations: 1, checks: 1, weakened })
  expect(told.iterations.shown).toBe(1)
  expect(sessionSentence(told)).toBe(
    'Green after 3 iterations: every check that failed in session s-1 is fixed or no longer asked, since its specs came to ask for less in 1 place.',
  )
})

test('a spec that the session names and no run judged keeps it from green', () => {
  const iterations = iterationsOf([{ checks: { [pay]: 'pass' } }])
  expect(stripOf(session, iterations, new Map()).status).toBe('green')
  expect(stripOf({ ...session, specs: ['shop'] }, iterations, new Map()).status).toBe('green')
  expect(stripOf({ ...session, specs: ['shop', 'cart'] }, iterations, new Map()).status).toBe(
    'undecided',
  )
  expect(stripOf(session, [], new Map()).status).toBe('no_runs')
})

test('of many iterations the newest are told, and how to see the others', () => {
  const iterations = iterationsOf(Array.from({ length: 7 }, () => ({ checks: { [pay]: 'fail' } })))
  const { iterations: told } = progressOf(session, iterations, {
    iterations: 2,
    checks: 1,
    weakened: new Map(),
  })
  expect({ ...told, items: told.items.map(({ ordinal }) => ordinal) }).toEqual({
    items: [6, 7],
    shown: 2,
    omitted: 5,
    total: 7,
    how: '--limit 7',
  })
})
