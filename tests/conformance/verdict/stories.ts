import { globSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodeTraces } from '../../../src/otlp/decode.ts'
import { parseJsonDocuments } from '../../../src/otlp/json-text.ts'
import { decodeTracesText } from '../../../src/otlp/read-file.ts'
import { decodeJaegerText } from '../../../src/sources/jaeger-json.ts'
import { decodeZipkin } from '../../../src/sources/zipkin-json.ts'
import type { Span } from '../../../src/trace/span.ts'
import type { SpecFile } from '../../../src/verify/observation.ts'
import { fixture } from '../../otlp/fixture.ts'
import { asOfToday } from './as-of-today.ts'
import { learntFrom, specFile } from './specs.ts'

/** Traces that were captured together, and specs with what the spans as they were sent come to by them. */
export interface Story {
  readonly name: string
  readonly spans: readonly Span[]
  readonly specs: readonly { readonly file: SpecFile; readonly status: 'pass' | 'fail' }[]
}

const fixtures = new URL('../../../fixtures/', import.meta.url)

/** Every real trace with a spec that `init` learnt from it, and with a twin of the spec that it breaks; and what was written by hand. */
export function stories(): readonly Story[] {
  captured ??= [...realTraces(), ...handWritten()]
  return captured.map((story) => ({ ...story, spans: asOfToday(story.spans) }))
}

/** As they were captured, read once. */
let captured: readonly Story[] | undefined

function handWritten(): readonly Story[] {
  const [rich, broken] = ['rich', 'rich-broken'].map((name) =>
    specFile(readFileSync(new URL(`${name}.trace.yaml`, import.meta.url), 'utf8')),
  )
  if (rich === undefined || broken === undefined) throw new RangeError('two specs')
  const checkout = specFile(
    readFileSync(new URL('apps/shop/specs/checkout.trace.yaml', fixtures), 'utf8'),
  )
  return [
    {
      name: 'all that a span can say',
      spans: decodeTraces(fixture('recorded/rich.otlp.pb')).spans,
      specs: [
        { file: rich, status: 'pass' },
        { file: broken, status: 'fail' },
      ],
    },
    {
      name: "the demo's checkout, fixed",
      spans: decodeTracesText(textOf('shop-fixed.otlp.json')).spans,
      specs: [{ file: checkout, status: 'pass' }],
    },
    {
      name: "the demo's checkout, broken",
      spans: decodeTracesText(textOf('shop-broken.otlp.json')).spans,
      specs: [{ file: checkout, status: 'fail' }],
    },
  ]
}

const readers: readonly {
  readonly files: readonly string[]
  readonly read: (text: string) => readonly Span[]
}[] = [
  { files: ['*.otlp.json', '*.otlp.json.gz'], read: (text) => decodeTracesText(text).spans },
  { files: ['crisp/**/*.json', 'jaeger-ui/*.json'], read: (text) => decodeJaegerText(text).spans },
  { files: ['zipkin/*.json'], read: (text) => decodeZipkin(parseJsonDocuments(text)).spans },
]

function realTraces(): readonly Story[] {
  return readers.flatMap(({ files, read }) =>
    globSync([...files], { cwd: new URL('traces/', fixtures).pathname })
      .toSorted()
      .flatMap((file) => storiesOf(file, read(textOf(file)))),
  )
}

function textOf(file: string): string {
  const bytes = fixture(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}

function storiesOf(file: string, spans: readonly Span[]): readonly Story[] {
  const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()]
  return traces.map((members, at) => {
    const { kept, broken } = learntFrom(members)
    return {
      name: traces.length === 1 ? file : `${file}, ${at + 1}`,
      spans: members,
      specs: [
        { file: kept, status: 'pass' },
        { file: broken, status: 'fail' },
      ],
    }
  })
}
