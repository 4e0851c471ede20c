import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { renderAgent } from '../../src/report/agent.ts'
import { renderJson, resultOf } from '../../src/report/json.ts'
import { renderText } from '../../src/report/text.ts'
import { verifies } from '../verifies.ts'
import { checkout } from './checkout.ts'
import { outcomeNamed, outcomes } from './outcomes.ts'

const plain = { width: 100, color: false, unicode: true, traces: [checkout] }
const cases = Object.entries(outcomes).map(([name, outcome]) => ({
  name,
  result: resultOf(outcome),
}))

test.for(cases)('the terminal report of $name', async ({ name, result }) => {
  verifies('X-03')
  await expect(renderText(result, plain)).toMatchFileSnapshot(`golden/text/${name}.txt`)
})

test.for(cases)('the report for agents of $name', async ({ name, result }) => {
  await expect(renderAgent(result)).toMatchFileSnapshot(`golden/agent/${name}.txt`)
})

test('the document of a failure', async () => {
  verifies('P-07')
  const result = resultOf(outcomeNamed('fail'))
  await expect(renderJson(result)).toMatchFileSnapshot('golden/fail.json.txt')
})

test.for([40, 60, 80, 100, 120])(
  'the terminal report of a failure in %i columns',
  async (width) => {
    const result = resultOf(outcomeNamed('fail'))
    const text = renderText(result, { ...plain, width })
    const tooLong = text
      .split('\n')
      .filter((line) => line.length > width && !isCommand(line) && !isPlace(line))
    expect(tooLong).toEqual([])
    await expect(text).toMatchFileSnapshot(`golden/text/fail-${width}.txt`)
  },
)

test('a terminal without unicode gets ASCII only', async () => {
  const result = resultOf(outcomeNamed('fail'))
  const text = renderText(result, { ...plain, unicode: false })
  expect(text).toMatch(/^[\n\u0020-\u007E]*$/)
  await expect(text).toMatchFileSnapshot('golden/text/fail-ascii.txt')
})

test.for(cases)('colour adds escapes to the report of $name and nothing else', ({ result }) => {
  const coloured = renderText(result, { ...plain, color: true })
  const without = renderText(result, plain)
  expect(stripVTControlCharacters(coloured)).toBe(without)
  expect(without).not.toContain('\u001B')
})

test.for(cases)('every next step of $name stands on a line of its own, whole', ({ result }) => {
  const lines = renderText(result, plain).split('\n')
  const commands = lines.filter(isCommand).map((line) => line.trim())
  expect(commands).toEqual(result.next_steps.map((step) => step.text))
})

function isPlace(line: string): boolean {
  return /^ +\S+:\d+:\d+$/.test(line)
}

function isCommand(line: string): boolean {
  return line.startsWith('    tracespec ')
}
