import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { place, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect, type Host } from './host.ts'

const yaml = `# what a checkout does
name: checkout
expected_spans:
  # the entry
  - id: entry
    operation_name: POST /checkout   # the route
    expected_duration_ms: {max: 500}
    required_tags: { http.route: /checkout, http.request.method: POST }
    children:
      - operation_name: price
        count: { min: 1, max: 3 }
      - operation_name: charge
forbidden_spans: [{ operation_name: { glob: "SELECT *" } }]
unexpected_spans: fail
`

function text(project: Place): string {
  return readFileSync(join(project.folder, 'specs/checkout.trace.yaml'), 'utf8')
}

async function sha256Of(host: Host, name = 'checkout'): Promise<string> {
  return String((await host.call('get_trace_spec', { name })).structured['sha256'])
}

test('a spec is kept as it was written, listed, read and found again', async () => {
  verifies('P-01', 'P-02')
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const defined = await host.call('define_trace_spec', { name: 'checkout', specification: yaml })
  expect(text(project)).toBe(yaml)
  const sha256 = await sha256Of(host)
  expect(defined.structured).toEqual({
    summary: 'Wrote specs/checkout.trace.yaml.',
    written: true,
    path: 'specs/checkout.trace.yaml',
    sha256,
    expectations: 3,
    weaker: none,
    issues: none,
    next_steps: [],
  })
  const listed = await host.call('list_trace_specs')
  expect(listed.structured['specs']).toMatchObject({
    items: [{ name: 'checkout', sha256, errors: 0 }],
    total: 1,
  })
  const read = await host.call('get_trace_spec', { name: 'checkout' })
  expect(read.structured).toMatchObject({ text: yaml, lines: { omitted: 0, how: null } })
  expect(readdirSync(join(project.folder, 'specs'))).toEqual(['checkout.trace.yaml'])
})

const none = { items: [], shown: 0, omitted: 0, total: 0, how: null }

test.for([
  ['an object', { expected_spans: [{ operation_name: 'a' }] }],
  ['JSON text', '{"expected_spans": [{"operation_name": "a"}]}'],
  ['YAML without a name', '# why\n\nexpected_spans:\n  - operation_name: a\n'],
])('%s becomes a spec of the given name', async ([, specification]) => {
  using project = place()
  await using host = await connect(project, '2025-11-25')
  const { structured } = await host.call('define_trace_spec', { name: 'my spec', specification })
  expect(structured).toMatchObject({ written: true, path: 'specs/my-spec.trace.yaml' })
  const [read] = [await host.call('get_trace_spec', { name: 'my spec' })]
  expect(read.structured).toMatchObject({ name: 'my spec', issues: none })
})

test('every issue comes at its line in the text as it was sent, and nothing is written', async () => {
  verifies('P-01')
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const specification = 'expected_span:\n  - operation_name: a\nunexpected_spans: never\n'
  const { isError, structured } = await host.call('define_trace_spec', { name: 'a', specification })
  expect(isError).toBe(true)
  const issues = structured['issues'] as { items: { at: string; message: string }[] }
  expect(issues.items.map(({ at }) => at)).toEqual(['specification:1:1', 'specification:3:19'])
  expect(issues.items[0]).toMatchObject({
    message: expect.stringContaining('expected_span'),
    hint: expect.stringContaining('expected_spans'),
  })
  expect(existsSync(join(project.folder, 'specs'))).toBe(false)
})

test('a spec that exists is replaced only by who has read it, and what it loses is said', async () => {
  verifies('P-02')
  using project = place({ 'checkout.trace.yaml': yaml })
  await using host = await connect(project, '2026-07-28')
  const specification = yaml
    .replace('max: 500', 'max: 900')
    .replace('      - operation_name: charge\n', '')
  const blind = await host.call('define_trace_spec', { name: 'checkout', specification })
  expect(blind).toMatchObject({ isError: true, structured: { error: { code: 'SPEC_CHANGED' } } })
  expect(blind.structured['difference']).toMatchObject({
    items: expect.arrayContaining(['-       - operation_name: charge']),
  })
  expect(text(project)).toBe(yaml)

  const sha256 = await sha256Of(host)
  const seen = await host.call('define_trace_spec', { name: 'checkout', specification, sha256 })
  expect(seen.structured).toMatchObject({
    written: true,
    weaker: {
      items: [
        {
          at: 'specs/checkout.trace.yaml:5:5',
          message:
            '`expected_duration_ms.max` of `POST /checkout` allows more: 500 before, 900 now.',
        },
        { at: 'specs/checkout.trace.yaml:12:9', message: '`charge` is no longer expected.' },
      ],
    },
  })
  expect(text(project)).toBe(specification)
})

test.for([
  {
    what: 'a number in braces',
    change: { set: [{ path: 'expected_spans[0].expected_duration_ms.max', value: 400 }] },
    lines: ['    expected_duration_ms: { max: 400 }'],
    weaker: 0,
  },
  {
    what: 'a tag whose name has dots, by the id of the expectation',
    change: { set: [{ path: '#entry.required_tags.http.route', value: '/buy' }] },
    lines: ['    required_tags: { http.route: /buy, http.request.method: POST }'],
    weaker: 1,
  },
  {
    what: 'one more child',
    change: { set: [{ path: '#entry.children[+]', value: { operation_name: 'ship' } }] },
    lines: ['      - operation_name: ship'],
    weaker: 0,
  },
  {
    what: 'an expectation less',
    change: { remove: ['expected_spans[0].children[1]'] },
    lines: [],
    weaker: 1,
  },
  {
    what: 'a closed world that opens',
    change: { set: [{ path: 'unexpected_spans', value: 'ignore' }] },
    lines: ['unexpected_spans: ignore'],
    weaker: 1,
  },
])('$what changes its own lines only', async ({ change, lines, weaker }) => {
  verifies('P-02')
  using project = place({ 'checkout.trace.yaml': yaml })
  await using host = await connect(project, '2026-07-28')
  const sha256 = await sha256Of(host)
  const updated = await host.call('update_trace_spec', { name: 'checkout', sha256, ...change })
  expect(updated.structured).toMatchObject({ written: true, weaker: { total: weaker } })
  const before = yaml.split('\n')
  const after = text(project).split('\n')
  expect(after.filter((line) => !before.includes(line))).toEqual(lines)
  const kept = before.filter((line) => after.includes(line))
  expect(before.length - kept.length).toBeLessThanOrEqual(1)
})

test('an update is refused when the file has changed, and when it makes the spec unusable', async () => {
  using project = place({ 'checkout.trace.yaml': yaml })
  await using host = await connect(project, '2026-07-28')
  const sha256 = await sha256Of(host)
  const bad = { name: 'checkout', sha256, set: [{ path: 'expected_spans[0].cuont', value: 1 }] }
  const refused = await host.call('update_trace_spec', bad)
  expect(refused).toMatchObject({
    isError: true,
    structured: {
      issues: { items: [{ at: expect.stringMatching(/^specs\/checkout.*:\d+:\d+$/) }] },
    },
  })
  project.write('specs/checkout.trace.yaml', `${yaml}# changed\n`)
  const set = [{ path: 'unexpected_spans', value: 'report' }]
  const late = await host.call('update_trace_spec', { name: 'checkout', sha256, set })
  expect(late).toMatchObject({ isError: true, structured: { error: { code: 'SPEC_CHANGED' } } })
  expect(text(project)).toBe(`${yaml}# changed\n`)
})

test.for([
  [{ path: 'expected_spans[7].count', value: 1 }, 'the list has only 1 items'],
  [{ path: '#nobody.count', value: 1 }, 'no expectation has the id nobody'],
  [{ path: 'name.first', value: 1 }, 'there is no object that could hold first'],
])('the path of %j leads nowhere', async ([edit, why]) => {
  using project = place({ 'checkout.trace.yaml': yaml })
  await using host = await connect(project, '2026-07-28')
  const sha256 = await sha256Of(host)
  const answer = await host.call('update_trace_spec', { name: 'checkout', sha256, set: [edit] })
  expect(answer.isError).toBe(true)
  expect(String(answer.structured['summary'])).toContain(why)
})

test('nothing is written through a link that leads out of the spec folder', async () => {
  using project = place()
  mkdirSync(join(project.folder, 'elsewhere'))
  symlinkSync(join(project.folder, 'elsewhere'), join(project.folder, 'specs'))
  await using host = await connect(project, '2026-07-28')
  const outside = join(project.folder, '../outside.yaml')
  symlinkSync(outside, join(project.folder, 'elsewhere/checkout.trace.yaml'))
  const answer = await host.call('define_trace_spec', { name: 'checkout', specification: yaml })
  expect(answer.isError).toBe(true)
  expect(existsSync(outside)).toBe(false)
})
