import { expect, test } from 'vitest'
import { deliveredChanges } from '../../src/app/delivered-changes.ts'
import { jaegerJsonLosses } from '../../src/sources/jaeger-json.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { lose } from '../verify/lose.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const sent: Span = span({
  id: 1,
  trace: 1,
  name: 'GET /Cart',
  start: 1_000_000_123,
  end: 1_002_000_456,
  kind: 'internal',
  resource: resource('Shop'),
  attributes: new Map<string, Span['attributes'] extends ReadonlyMap<string, infer V> ? V : never>([
    ['count', 3n],
    ['ratio', 0.5],
    ['names', ['a', 'b']],
    ['big', 2n ** 60n],
  ]),
})

const everything: Losses = {
  nameCase: true,
  grainNanos: 1000,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: true,
  eventAttributes: true,
  links: 'lost',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  statusMessage: true,
}

test.for<readonly [string, Losses]>([
  ['nothing', lossless],
  ['what Jaeger JSON loses', jaegerJsonLosses],
  ['all that can be lost', everything],
])('a span that lost %s in its form is unchanged', ([, losses]) => {
  verifies('P-33')
  const [delivered = sent] = lose([sent], losses)
  expect(deliveredChanges(sent, delivered, losses)).toEqual([])
})

test.for<readonly [string, Partial<Span>, readonly string[]]>([
  ['another name', { name: 'GET /cart' }, ['name']],
  ['another kind', { kind: 'server' }, ['kind']],
  ['a nanosecond', { end: nanosOf(sent.end + 1n) }, ['duration']],
  ['an error', { status: { code: 'error', message: 'no' } }, ['status', 'status.message']],
  ['a value', { attributes: new Map([...sent.attributes, ['count', 4n]]) }, ['attributes.count']],
  ['a type', { attributes: new Map([...sent.attributes, ['count', '3']]) }, ['attributes.count']],
  [
    'no attribute more',
    { attributes: new Map() },
    ['attributes.count', 'attributes.ratio', 'attributes.names', 'attributes.big'],
  ],
  [
    'what a pipeline adds',
    { attributes: new Map([...sent.attributes, ['k8s.pod.name', 'p']]) },
    [],
  ],
  ['another service', { resource: resource('other') }, ['service']],
])('with %s, exactly that is told', ([, change, expected]) => {
  verifies('P-33')
  expect(deliveredChanges(sent, { ...sent, ...change }, lossless)).toEqual(expected)
})

test('what a form cannot hold hides no change that it can', () => {
  const changed = { ...sent, attributes: new Map([...sent.attributes, ['big', 2n ** 60n + 1n]]) }
  const [delivered = sent] = lose([changed], everything)
  expect(deliveredChanges(sent, delivered, everything)).toEqual(['attributes.big'])
})
