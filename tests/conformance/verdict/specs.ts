import { createHash } from 'node:crypto'
import { draftOf, type Draft, type DraftSpan } from '../../../src/app/draft.ts'
import { draftText } from '../../../src/app/draft-text.ts'
import { parseSpec } from '../../../src/spec/parse.ts'
import type { Span } from '../../../src/trace/span.ts'
import { buildTraces } from '../../../src/trace/tree.ts'
import type { SpecFile } from '../../../src/verify/observation.ts'

/** A spec that a trace keeps, and its twin that it breaks. */
export interface SpecPair {
  readonly kept: SpecFile
  readonly broken: SpecFile
}

/** What `tracespec init` learns from spans; the twin asks for one of them by a name that none has. */
export function learntFrom(spans: readonly Span[]): SpecPair {
  const draft = draftOf(buildTraces(spans))
  if (draft === undefined) throw new RangeError('no spans to learn from')
  const text = (what: Draft): string =>
    draftText(what, { name: 'learnt', schema: 'trace-spec.schema.json', source: 'a real trace' })
  return {
    kept: specFile(text(draft)),
    broken: specFile(text({ ...draft, expected: withLastRenamed(draft.expected) })),
  }
}

function withLastRenamed(expected: readonly DraftSpan[]): readonly DraftSpan[] {
  const last = expected.at(-1)
  if (last === undefined) return []
  const renamed =
    last.children.length === 0
      ? { ...last, name: `${last.name} that never was` }
      : { ...last, children: withLastRenamed(last.children) }
  return [...expected.slice(0, -1), renamed]
}

export function specFile(text: string): SpecFile {
  const { spec, issues } = parseSpec(text, { file: 'spec.yaml' })
  const errors = issues.filter(({ severity }) => severity === 'error')
  if (spec === undefined || errors.length > 0) throw new RangeError(JSON.stringify(errors))
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { spec, path: 'spec.yaml', sha256, warnings: [] }
}
