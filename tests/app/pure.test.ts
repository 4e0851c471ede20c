import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { slugOf } from '../../src/app/slug.ts'
import { parseTraceReference } from '../../src/app/trace-reference.ts'
import { nanosOf } from '../../src/trace/time.ts'

const id = 'ab'.repeat(16)
const second = 1_000_000_000n
const ten = nanosOf(BigInt(Date.UTC(2026, 10, 21, 10)) * 1_000_000n)
const now = nanosOf(ten + 3600n * second)
const anyTime =
  'write it as since:10m, since:10m..5m or since:2026-11-21T10:00:00Z..2026-11-21T10:05:00Z'

function window(from: bigint, to: bigint): object {
  return { kind: 'window', window: { from, to } }
}

describe('a trace is named by', () => {
  test.for([
    ['last', true, { kind: 'path', path: 'last' }],
    ['last', false, { kind: 'last' }],
    ['-', false, { kind: 'stdin' }],
    ['run:r-1', false, { kind: 'run', id: 'r-1' }],
    [`trace:${id.toUpperCase()}`, false, { kind: 'trace', id }],
    ['trace:149685E1b35425e4', false, { kind: 'trace', id: '0000000000000000149685e1b35425e4' }],
    [
      `trace:${id.replace(/^./, '0').slice(1)}`,
      false,
      { kind: 'trace', id: id.replace(/^./, '0') },
    ],
    ['a/b.json', true, { kind: 'path', path: 'a/b.json' }],
    ['since:10m', true, { kind: 'path', path: 'since:10m' }],
    ['since:10m', false, window(now - 600n * second, now)],
    ['since:2m..30s', false, window(now - 120n * second, now - 30n * second)],
    ['since:1.5h..now', false, window(now - 5400n * second, now)],
    ['since:2026-11-21T10:00:00Z', false, window(ten, now)],
    [
      'since:2026-11-21T11:00:00+01:00..2026-11-21T10:00:30Z',
      false,
      window(ten, ten + 30n * second),
    ],
    ['since:2026-11-21..10m', false, window(ten - 36_000n * second, now - 600n * second)],
  ] as const)('%s (a path: %s)', ([text, isPath, reference]) => {
    expect(parseTraceReference(text, { isPath, now })).toEqual(reference)
  })

  test.for([
    ['trace:12', 'TRACE_NOT_FOUND', undefined],
    [id, 'USAGE', `did you mean trace:${id}?`],
    ['r-1abc', 'USAGE', 'did you mean run:r-1abc?'],
    [
      'missing.json',
      'TRACE_NOT_FOUND',
      'a trace is named by a path, -, run:ID, trace:ID, last or since:10m',
    ],
    [
      'https://me:s3cret@jaeger.test/trace/1',
      'USAGE',
      'write trace:ID, and the address of its backend after --from',
    ],
    [`trace:${'0'.repeat(16)}`, 'TRACE_NOT_FOUND', undefined],
    ['since:', 'USAGE', anyTime],
    ['since:10', 'USAGE', anyTime],
    ['since:10:00', 'USAGE', anyTime],
    ['since:2026-11-21T10:00:00', 'USAGE', anyTime],
    ['since:10m..', 'USAGE', anyTime],
    ['since:10m..5m..1m', 'USAGE', anyTime],
    ['since:5m..10m', 'USAGE', undefined],
  ] as const)('and not by %s', ([text, code, hint]) => {
    expect(() => parseTraceReference(text, { isPath: false, now })).toThrow(
      expect.objectContaining({ code, hint }),
    )
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
