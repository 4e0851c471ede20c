import type {
  DefectGroup,
  ErrorChain,
  RepeatedSiblings,
  SerialCalls,
  TraceAnalysis,
  TreeFacts,
} from '../analyze/trace-analysis.ts'
import type { Worded } from '../verify/outcome.ts'
import type { Bounded } from '../verify/result.ts'
import { inert, visible } from './sanitize.ts'
import {
  analysisSummary,
  defectGroupSentence,
  errorSentence,
  repeatedSentence,
  serialSentence,
} from './wording/analysis.ts'

/** An analysis with its sentences; names of spans stand in them inert, elsewhere as they came. */
export interface PublishedAnalysis extends Omit<
  TraceAnalysis,
  'tree' | 'errors' | 'repeated' | 'serial'
> {
  readonly summary: string
  readonly tree: Omit<TreeFacts, 'defects'> & { readonly defects: readonly Worded<DefectGroup>[] }
  readonly errors: Bounded<Worded<ErrorChain>>
  readonly repeated: Bounded<Worded<RepeatedSiblings>>
  readonly serial: Bounded<Worded<SerialCalls>>
}

/** What `tracespec analyze --json` prints. */
export interface AnalysisDocument {
  readonly schema: 'tracespec.analysis/1'
  readonly tracespec: string
  readonly source: string
  readonly traces: Bounded<PublishedAnalysis>
}

export function publishedAnalysis(analysis: TraceAnalysis): PublishedAnalysis {
  const { trace_id, duration_ms, tree, errors, repeated, serial, ...rest } = analysis
  return {
    trace_id,
    summary: analysisSummary(analysis),
    duration_ms,
    tree: { ...tree, defects: tree.defects.map((group) => worded(group, defectGroupSentence)) },
    errors: wordedItems(errors, errorSentence),
    repeated: wordedItems(repeated, repeatedSentence),
    serial: wordedItems(serial, serialSentence),
    ...rest,
  }
}

export interface AnalysisInput {
  readonly version: string
  readonly source: string
  readonly traces: Bounded<TraceAnalysis>
}

export function analysisDocument({ version, source, traces }: AnalysisInput): AnalysisDocument {
  return {
    schema: 'tracespec.analysis/1',
    tracespec: version,
    source,
    traces: { ...traces, items: traces.items.map(publishedAnalysis) },
  }
}

function worded<T>(fact: T, sentence: (fact: T) => string): Worded<T> {
  return { ...fact, message: sentence(fact) }
}

function wordedItems<T>(list: Bounded<T>, sentence: (fact: T) => string): Bounded<Worded<T>> {
  return { ...list, items: list.items.map((item) => worded(item, sentence)) }
}

/** The document as JSON text with a final newline; what a span says is one inert line of at most 200 characters. */
export function renderAnalysisJson(document: AnalysisDocument): string {
  return `${JSON.stringify(document, clean, 2)}\n`
}

// Our own sentences, which may be longer than what a span is allowed to say.
const OWN_TEXT = new Set(['summary', 'message', 'how', 'source'])

function clean(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return OWN_TEXT.has(key) ? visible(value) : inert(value, 200)
}
