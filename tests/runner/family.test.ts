import { expect, test } from 'vitest'
import { followFamily, type Family } from '../../src/runner/family.ts'
import type { ProcessRow, ProcessTable } from '../../src/runner/process-table.ts'
import { nanosOf } from '../../src/trace/time.ts'

const root = 100

function row(pid: number, given: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    parent: 1,
    group: pid,
    session: pid,
    started: String(pid),
    ended: false,
    kernel: false,
    endSignal: 0,
    command: `p${pid}`,
    ...given,
  }
}

/** A machine whose processes a test sets; `carriers` have the run's variable. */
function machine(): {
  readonly family: Family
  readonly show: (rows: readonly ProcessRow[], carriers?: readonly number[]) => Promise<void>
  readonly pids: () => [living: number[], ended: number[]]
} {
  let rows: readonly ProcessRow[] = []
  let carriers: readonly number[] = []
  let clock = 0n
  const table: ProcessTable = {
    rows: (skip) =>
      Promise.resolve({
        pids: new Set(rows.map(({ pid }) => pid)),
        rows: rows.filter(({ pid }) => !skip.has(pid)),
      }),
    carries: (pid) => carriers.includes(pid),
  }
  const now = (): ReturnType<typeof nanosOf> => nanosOf((clock += 1n))
  const family = followFamily({ root, variable: 'A=B', table, now })
  return {
    family,
    show: (shown, carrying = []) => {
      rows = shown
      carriers = carrying
      return family.sample()
    },
    pids: () => {
      const ended = family.members().filter(({ endedBy }) => endedBy !== undefined)
      return [family.living().map(({ pid }) => pid), ended.map(({ pid }) => pid)]
    },
  }
}

test('the command, its group, its session, its descendants and carriers of its variable are the family', async () => {
  const { family, show, pids } = machine()
  using _following = family
  await show(
    [
      row(1, { parent: 0 }),
      row(root),
      row(101, { group: root }),
      row(102, { session: root }),
      row(103, { parent: 102 }),
      row(104),
      row(105),
      row(2, { kernel: true, parent: 0 }),
      row(process.pid, { group: root }),
    ],
    [104, process.pid, 2],
  )
  expect(pids()).toEqual([[100, 101, 102, 103, 104], []])
})

test('a daemon that left everything stays known, since its parent was', async () => {
  const { family, show, pids } = machine()
  using _following = family
  await show([row(root), row(101, { parent: root })])
  await show([row(101)])
  expect(pids()).toEqual([[101], [100]])
})

test('a zombie has ended, and so has what is gone', async () => {
  const { family, show, pids } = machine()
  using _following = family
  await show([row(root), row(101, { group: root }), row(102, { group: root })])
  await show([row(root), row(101, { group: root, ended: true, endSignal: 9, command: '' })])
  expect(pids()).toEqual([[100], [101, 102]])
  expect(family.members()[1]).toMatchObject({ command: 'p101', endSignal: 9 })
})

test('a stranger that gets the id of a member is not one', async () => {
  const { family, show, pids } = machine()
  using _following = family
  await show([row(root), row(101, { group: root })])
  await show([row(root), row(101, { started: 'later' })])
  expect(pids()).toEqual([[100], [101]])
})

test('a member that gets the id of a stranger is one', async () => {
  const { family, show, pids } = machine()
  using _following = family
  await show([row(root), row(101)])
  await show([row(root)])
  await show([row(root), row(101, { group: root })])
  expect(pids()).toEqual([[100, 101], []])
})
