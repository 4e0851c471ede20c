import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draftOf } from '../../src/app/draft.ts'
import { firstSpecOf } from '../../src/app/init.ts'
import { judge } from '../../src/app/judge.ts'
import { loadSpec } from '../../src/app/spec-files.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { Fault } from '../../src/trace/fault.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import { lossless } from '../../src/trace/losses.ts'
import { serviceName, type Span, type SpanKind } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTraces } from '../../src/trace/tree.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))

function read(path: string): readonly Span[] {
  return decodeTracesText(readFileSync(fixtures + path, 'utf8')).spans
}

function firstSpec(spans: readonly Span[]) {
  const capture = { traces: buildTraces(spans), source: 'test', run: undefined, losses: lossless }
  return firstSpecOf({ capture, name: undefined, folder: 'specs', schema: '../schema.json' })
}

/** What a spec says of spans that the user names together with it. */
function statusOf(text: string, spans: readonly Span[]): string {
  const { spec, issues, source } = loadSpec({ path: 's.yaml', sha256: '', read: { text } })
  if (spec === undefined) throw new Error(issues.map(({ message }) => message).join('\n'))
  const file = { spec, path: source.path, sha256: '', warnings: issues }
  const capture = { traces: buildTraces(spans), source: 'test', run: undefined, losses: lossless }
  const demands = { specsNamed: true, captureNamed: true, requireAll: false, exercisedBefore: [] }
  const { specs, notExercised } = judge([file], capture, demands)
  return specs[0]?.status ?? `not exercised: ${notExercised.length}`
}

/** As if the program did not make this span: its children belong to its parent. */
function without(spans: readonly Span[], removed: Span): readonly Span[] {
  return spans
    .filter((span) => span !== removed)
    .map((span) =>
      span.traceId === removed.traceId && span.parentSpanId === removed.spanId
        ? { ...span, parentSpanId: removed.parentSpanId }
        : span,
    )
}

/** The spans whose removal the spec of their capture does not notice. */
function unnoticed(text: string, spans: readonly Span[]): readonly string[] {
  return spans
    .filter((span) => statusOf(text, without(spans, span)) === 'pass')
    .map((span) => `${serviceName(span)} ${span.name}`)
}

describe('the first spec of real traces', () => {
  const files = globSync('traces/*.otlp.json', { cwd: fixtures }).toSorted()

  test.for(files)('of %s passes on them, and misses any one span that is taken away', (file) => {
    const spans = read(file)
    const first = firstSpec(spans)
    expect({ status: first?.status, exact: first?.draft.exact, spans: first?.draft.spans }).toEqual(
      {
        status: 'pass',
        exact: true,
        spans: spans.length,
      },
    )
    expect(unnoticed(first?.text ?? '', spans)).toEqual([])
  })
})

interface Planned {
  readonly name: string
  readonly kind: SpanKind
  readonly error: boolean
  readonly children: readonly Planned[]
}

let made = 0

function spansOf(root: Planned): readonly Span[] {
  made += 1
  const traceId = parseTraceId(made.toString(16).padStart(32, 'a'))
  const spans: Span[] = []
  const add = (planned: Planned, parent: Span | undefined): void => {
    const spanId = parseSpanId((spans.length + 1).toString(16).padStart(16, 'b'))
    if (traceId === undefined || spanId === undefined) throw new RangeError('ids')
    const span: Span = {
      traceId,
      spanId,
      parentSpanId: parent?.spanId,
      traceState: '',
      flags: 0x101,
      name: planned.name,
      kind: planned.kind,
      start: nanosOf(BigInt(1_000_000 + spans.length * 1000)),
      end: nanosOf(9_000_000n),
      attributes: new Map(),
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: { code: planned.error ? 'error' : 'unset', message: '' },
      resource: {
        attributes: new Map([['service.name', 'app']]),
        droppedAttributesCount: 0,
        schemaUrl: '',
      },
      scope: {
        name: '',
        version: '',
        attributes: new Map(),
        droppedAttributesCount: 0,
        schemaUrl: '',
      },
    }
    spans.push(span)
    for (const child of planned.children) add(child, span)
  }
  add(root, undefined)
  return spans
}

const own = {
  name: fc.constantFrom('a', 'b', 'GET *', '', 'x: y', 'yes', "it's #1", '1.0'),
  kind: fc.constantFrom<SpanKind>('internal', 'client', 'server', 'producer', 'unspecified'),
  error: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
}

const { tree } = fc.letrec<{ tree: Planned }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.record({ ...own, children: fc.constant([]) }),
    fc.record({ ...own, children: fc.array(tie('tree'), { maxLength: 4 }) }),
  ),
}))

test('the first spec of any one tree passes on it, and misses any one span that is taken away', () => {
  fc.assert(
    fc.property(tree, (root) => {
      const spans = spansOf(root)
      const first = firstSpec(spans)
      expect(first?.status).toBe('pass')
      expect(unnoticed(first?.text ?? '', spans)).toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('cases that differ become ranges that all of them pass', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 2, maxLength: 3 }), (roots) => {
      const alike = roots.map((root) => ({ ...root, name: 'root', kind: 'server' as const }))
      expect(firstSpec(alike.flatMap(spansOf))?.status).toBe('pass')
    }),
    { numRuns: 200 },
  )
})

test('equal cases are asked for by their number', () => {
  const root: Planned = {
    name: 'GET /a',
    kind: 'server',
    error: false,
    children: [{ name: 'SELECT', kind: 'client', error: false, children: [] }],
  }
  const spans = [...spansOf(root), ...spansOf(root), ...spansOf(root)]
  const first = firstSpec(spans)
  expect(first?.text).toContain('traces: { min: 3 }')
  expect(unnoticed(first?.text ?? '', spans)).toEqual([])
})

test('a trace deeper than anyone reads is refused by name', () => {
  let root: Planned = { name: 'leaf', kind: 'internal', error: false, children: [] }
  for (let depth = 0; depth < 200; depth += 1) root = { ...root, name: 'up', children: [root] }
  const refused = (): unknown => draftOf(buildTraces(spansOf(root)))
  expect(refused).toThrow(Fault)
  expect(refused).toThrow('deeper than')
})

test('without a span there is no first spec', () => {
  expect(firstSpec([])).toBeUndefined()
})
