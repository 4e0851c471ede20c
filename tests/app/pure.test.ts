import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { slugOf } from '../../src/app/slug.ts'
import { parseTraceReference } from '../../src/app/trace-reference.ts'

const id = 'ab'.repeat(16)

describe('a trace is named by', () => {
  test.for([
    ['last', true, { kind: 'path', path: 'last' }],
    ['last', false, { kind: 'last' }],
    ['-', false, { kind: 'stdin' }],
    ['run:r-1', false, { kind: 'run', id: 'r-1' }],
    [`trace:${id.toUpperCase()}`, false, { kind: 'trace', id }],
    ['a/b.json', true, { kind: 'path', path: 'a/b.json' }],
  ] as const)('%s (a path: %s)', ([text, isPath, reference]) => {
    expect(parseTraceReference(text, isPath)).toEqual(reference)
  })

  test.for([
    ['trace:12', 'TRACE_NOT_FOUND', undefined],
    [id, 'USAGE', `did you mean trace:${id}?`],
    ['r-1abc', 'USAGE', 'did you mean run:r-1abc?'],
    ['missing.json', 'TRACE_NOT_FOUND', 'a trace is named by a path, -, run:ID, trace:ID or last'],
  ] as const)('and not by %s', ([text, code, hint]) => {
    expect(() => parseTraceReference(text, false)).toThrow(expect.objectContaining({ code, hint }))
  })
})

test.for<readonly [string, string]>([
  ['POST /checkout', 'post-checkout'],
  ['  hipstershop.Frontend/Recv. ', 'hipstershop-frontend-recv'],
  ['Größe', 'größe'],
  ['***', 'trace'],
  ['../../etc', 'etc'],
])('the slug of %s is %s', ([text, slug]) => {
  expect(slugOf(text)).toBe(slug)
})

describe('a patch', () => {
  const patch = '--- a\n+++ a\n@@ -1,3 +1,3 @@\n one\n-two\n+deux\n three\n'

  test('replaces the one place that it fits', () => {
    expect(applyPatch('zero\none\ntwo\nthree\n', patch)).toBe('zero\none\ndeux\nthree\n')
  })

  test.for<readonly [string, string, string]>([
    ['none', 'one\nthree\n', 'fits nowhere'],
    ['two', 'one\ntwo\nthree\none\ntwo\nthree\n', 'fits in several places'],
  ])('with %s such place is refused', ([, text, says]) => {
    expect(() => applyPatch(text, patch)).toThrow(says)
  })
})
