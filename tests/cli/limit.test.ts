import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { sketch, type Sketch } from '../report/spans.ts'
import { place } from './tracespec.ts'

const SPEC = `
name: each
expected_spans:
  - operation_name: all
    children: [{ operation_name: work, count: 70, children: [{ operation_name: sub }] }]
`

test('a list that was cut says how to get the rest, and that gives it', async () => {
  const root: Sketch = { id: 1, name: 'all', kind: 'server', from: 0, to: 100 }
  const works = Array.from({ length: 70 }, (_, at): Sketch => ({
    id: at + 2,
    parent: 1,
    name: 'work',
    from: at,
    to: at + 1,
  }))
  using project = place({ 'each.trace.yaml': SPEC })
  project.write('trace.json', encodeTracesJson([root, ...works].map(sketch)))
  const asked = ['check', 'trace.json', '--spec', 'each', '--json']
  const findings = async (args: readonly string[]): Promise<unknown> => {
    const { stdout } = await project.run(args)
    const { items, ...cut } = JSON.parse(stdout).specs[0].findings
    return { ...cut, items: items.length }
  }
  expect(await findings(asked)).toEqual({
    items: 50,
    shown: 50,
    omitted: 20,
    total: 70,
    how: '--limit 70',
  })
  expect(await findings([...asked, '--limit', '70'])).toEqual({
    items: 70,
    shown: 70,
    omitted: 0,
    total: 70,
    how: null,
  })
})
