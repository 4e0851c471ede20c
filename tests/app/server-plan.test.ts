import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serverPlan } from '../../src/app/server-plan.ts'
import { splitWords } from '../../src/app/split-words.ts'
import type { Drive } from '../../src/trace/drive.ts'
import { verifies } from '../verifies.ts'

/** What a real shell makes of the words of a line. */
function shellWords(line: string): readonly string[] {
  const script = `for word in ${line}\ndo printf '%s\\0' "$word"; done`
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

describe('a line is split into words', () => {
  test.for<[line: string, words: readonly string[] | undefined]>([
    ['npm run drive', ['npm', 'run', 'drive']],
    [`  a\t'b  c'  "d \\"e\\" \\f" `, ['a', 'b  c', 'd "e" \\f']],
    [`a'b'"c"\\ d`, ['abc d']],
    [`'' ""`, ['', '']],
    ['a\\\nb', ['ab']],
    ["sh -c 'echo $HOME | cat'", ['sh', '-c', 'echo $HOME | cat']],
    ['$HOME * ~ #a', ['$HOME', '*', '~', '#a']],
    ['', []],
    ["a 'b", undefined],
    ['a "b', undefined],
    ['a "b\\"', undefined],
    ['a\\', undefined],
  ])('%j', ([line, words]) => {
    expect(splitWords(line)).toEqual(words)
  })

  test('as a shell does where nothing is expanded', () => {
    const piece = fc.constantFrom(
      'a',
      'ö',
      '=',
      ' ',
      '\t',
      "'",
      '"',
      '\\',
      '\\\n',
      '\\"',
      "\\'",
      '\\a',
    )
    const line = fc.array(piece, { maxLength: 12 }).map((pieces) => `x${pieces.join('')}`)
    fc.assert(
      fc.property(line, (text) => {
        // An unquoted end of line would end the shell's command.
        fc.pre(!text.includes('\\\\\n'))
        const words = splitWords(text)
        fc.pre(words !== undefined)
        expect(words).toEqual(shellWords(text))
      }),
      { numRuns: 150 },
    )
  })
})

function driveOf(written: string): Drive | undefined {
  const readyUrl = 'http://127.0.0.1:3000'
  const plan = serverPlan({
    readyUrl,
    readyLog: undefined,
    readyTimeoutMs: undefined,
    drives: [written],
  })
  return plan?.drives[0]
}

test.for<[written: string, drive: object]>([
  ['GET http://localhost:3000', { kind: 'request', method: 'GET', body: undefined }],
  [
    'POST  https://a.example/x?y=1   {"a": [1, "b  c"]}',
    { kind: 'request', method: 'POST', body: '{"a": [1, "b  c"]}' },
  ],
  ['curl http://localhost:3000', { kind: 'command', command: ['curl', 'http://localhost:3000'] }],
  ['npm test', { kind: 'command', command: ['npm', 'test'] }],
])('%s drives as it is written', ([written, drive]) => {
  verifies('P-15')
  expect(driveOf(written)).toMatchObject({ written, ...drive })
})

test('a command without a sign of readiness and without drives does not serve', () => {
  const nothing = {
    readyUrl: undefined,
    readyLog: undefined,
    readyTimeoutMs: undefined,
    drives: [],
  }
  expect(serverPlan(nothing)).toBeUndefined()
})
