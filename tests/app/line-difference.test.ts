import { expect, test } from 'vitest'
import { lineDifference } from '../../src/app/line-difference.ts'

test.for([
  ['equal texts', 'a b', 'a b', ''],
  ['changes far apart', 'a b c d e', 'A b c d E', '-a +A -e +E'],
  ['a line that moved', 'a b c', 'b c a', '-a +a'],
  ['lines put in', 'a d', 'a b c d', '+b +c'],
  ['lines taken away', 'a b c d', 'a d', '-b -c'],
  ['nothing in common', 'a b', 'c d', '-a -b +c +d'],
  ['an empty line that stays', 'a  b', 'c  d', '-a +c -b +d'],
] as const)('%s', ([, before, after, difference]) => {
  const lines = lineDifference(before.replaceAll(' ', '\n'), after.replaceAll(' ', '\n'))
  expect(lines.map((line) => line.replace(' ', '')).join(' ')).toBe(difference)
})

test('texts of many lines are told as two blocks', () => {
  const old = Array.from({ length: 2000 }, (_, at) => `old ${at}`)
  const now = Array.from({ length: 2000 }, (_, at) => `now ${at}`)
  expect(lineDifference(['a', ...old].join('\n'), ['a', ...now].join('\n'))).toEqual([
    ...old.map((line) => `- ${line}`),
    ...now.map((line) => `+ ${line}`),
  ])
})
