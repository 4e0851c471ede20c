import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openNotes } from '../../src/runner/notes.ts'

const start = { event: 'start', pid: 7, at: 1_000, command: 'node app.js' }
const end = { event: 'end', pid: 7, at: 2_000, code: 3, waiting: 2, provider: 'P', tracers: 1 }

function notesOf(...files: readonly string[]): ReturnType<ReturnType<typeof openNotes>['read']> {
  using notes = openNotes()
  files.forEach((text, index) => writeFileSync(join(notes.path, `${index}.jsonl`), text))
  return notes.read()
}

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

test('the folder is private and goes with its notes', () => {
  const notes = openNotes()
  const mode = statSync(notes.path).mode & 0o777
  notes[Symbol.dispose]()
  expect([mode, existsSync(notes.path)]).toEqual([0o700, false])
})

test('a process is read from its beginning, its end and its threads, whatever file they stand in', () => {
  const thread = { ...end, event: 'thread_end', at: 1_500, waiting: 1 }
  const opened = { ...start, event: 'thread_start' }
  expect(notesOf(lines(opened, thread), lines(opened), lines(start, end))).toMatchObject([
    {
      pid: 7,
      command: 'node app.js',
      startedAt: 1_000_000_000n,
      end: { at: 2_000_000_000n, exitCode: 3, held: { provider: 'P', spans_waiting: 2 } },
      threads: [{ at: 1_500_000_000n, held: { spans_waiting: 1 } }],
      openThreads: 1,
    },
  ])
})

test('a process that was killed while it wrote its end has none', () => {
  expect(notesOf(`${lines(start)}{"event":"end","pid":7,"at":20`)).toMatchObject([
    { pid: 7, end: undefined },
  ])
})

test('notes that are longer than what is read have a process whose end was not seen', () => {
  const text = `${lines(start)}${'x'.repeat(300_000)}\n${lines(end)}`
  expect(notesOf(text)).toMatchObject([{ pid: 7, end: undefined }])
})

test.for([
  { what: 'nothing', text: '' },
  { what: 'no JSON', text: 'hello\n' },
  { what: 'JSON of another shape', text: '[1,2]\nnull\n"start"\n' },
  { what: 'an end without a beginning', text: lines(end) },
])('$what says nothing', ({ text }) => {
  expect(notesOf(text)).toEqual([])
})

test('fields of another type are unknown', () => {
  const odd = {
    event: 'end',
    pid: 7,
    at: 'x',
    code: null,
    waiting: '2',
    provider: 5,
    traceIds: [1, 'z'],
  }
  expect(notesOf(lines(start, odd))).toMatchObject([
    { end: { at: 0n, exitCode: 0, traceIds: [], held: { provider: null, spans_waiting: null } } },
  ])
})
