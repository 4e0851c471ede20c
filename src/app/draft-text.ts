import { millisOf } from '../trace/time.ts'
import type { Draft, DraftSpan } from './draft.ts'

export interface DraftTextOptions {
  readonly name: string
  /** Where the JSON Schema is, as seen from the spec file. */
  readonly schema: string
  /** What the draft was learnt from, as `run:r-1` or a file name. */
  readonly source: string
}

/** The draft as a spec file that a person will edit: comments say what may be loosened. */
export function draftText(draft: Draft, options: DraftTextOptions): string {
  return [
    `# yaml-language-server: $schema=${options.schema}`,
    ...heading(draft, options.source).map((line) => `# ${line}`),
    `name: ${scalar(options.name)}`,
    `applies_to: { ${identity(draft.root, draft).join(', ')} }`,
    `traces: { min: ${draft.cases} }`,
    'unexpected_spans: report   # fail: nothing may come that is not listed here',
    'expected_spans:',
    ...draft.expected.flatMap((span) => expectation(span, '  ', draft)),
    '',
  ].join('\n')
}

function heading(draft: Draft, source: string): readonly string[] {
  const cases = draft.cases === 1 ? 'one case' : `${draft.cases} cases`
  return [
    `Written by tracespec init from ${inComment(source)}: ${cases}, ${draft.spans} spans.`,
    ...(draft.exact
      ? ['Every span of the capture is asked for: the spec fails as soon as one is missing.']
      : ['The cases differ: what only some of them have stands with min: 0.']),
    'Loosen what may vary (count, optional, glob), take out what does not matter.',
  ]
}

function expectation(span: DraftSpan, indent: string, draft: Draft): readonly string[] {
  const below = `${indent}  `
  const [first, ...rest] = [
    ...identity(span, draft),
    ...(span.where === undefined
      ? []
      : [`where: { ${scalar(span.where.name)}: ${value(span.where.value)} }`]),
    ...(span.status === undefined ? [] : [`status: ${span.status}`]),
    ...count(span),
    `# expected_duration_ms: { max: ${roomFor(span.durationNs)} }`,
    ...(span.children.length === 0 ? [] : ['children:']),
  ]
  return [
    `${indent}- ${first}`,
    ...rest.map((line) => below + line),
    ...span.children.flatMap((child) => expectation(child, `${below}  `, draft)),
  ]
}

function identity(
  span: Pick<DraftSpan, 'name' | 'service' | 'kind'>,
  { hasKinds }: Draft,
): readonly string[] {
  return [
    `operation_name: ${value(span.name)}`,
    ...(isNamed(span.service) ? [`service_name: ${value(span.service)}`] : []),
    ...(hasKinds ? [`kind: ${span.kind}`] : []),
  ]
}

function count({ min, max }: DraftSpan): readonly string[] {
  if (min === 1 && max === 1) return []
  return [min === max ? `count: ${min}` : `count: { min: ${min}, max: ${max} }`]
}

/** Twice the longest that was seen, in whole milliseconds. */
function roomFor(durationNs: bigint): number {
  return Math.max(1, Math.ceil(millisOf(durationNs) * 2))
}

/** A text with a star would be taken for a pattern by the reader, or for "present" by the parser. */
function value(text: string): string {
  return text.includes('*') || text === '' ? `{ eq: ${JSON.stringify(text)} }` : scalar(text)
}

const plain = /^[A-Za-z_/][\w ./()@-]*(?<! )$/
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** A text in YAML, plain where every YAML reader takes it for a text, in block and flow style. */
function scalar(text: string): string {
  return plain.test(text) && !reserved.test(text) ? text : JSON.stringify(text)
}

function inComment(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ')
}

/** What an SDK makes up where no name is set speaks of the machine, as the path of its Node. */
function isNamed(service: string): boolean {
  return service !== '' && !service.startsWith('unknown_service')
}
