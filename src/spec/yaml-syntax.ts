import { Composer, CST, LineCounter, Parser } from 'yaml'
import type { Document, ErrorCode, YAMLError } from 'yaml'
import { problem, visible } from './issue.ts'
import type { SourceRange, SpecIssue } from './spec.ts'

/** How deep lists and objects may nest: what lies behind the parser recurses. */
export const MAX_DEPTH = 200

/** Two offsets in the text as lines and columns. */
export type RangeOf = (start: number, end: number) => SourceRange

export interface YamlDocument {
  readonly contents: Document.Parsed['contents']
  readonly rangeOf: RangeOf
}

/** One YAML 1.2 document, or everything that is wrong with its syntax. */
export function parseYaml(
  text: string,
  file: string,
): { readonly document: YamlDocument } | { readonly issues: readonly SpecIssue[] } {
  const tokens = [...new Parser().parse(text)]
  const rangeOf = rangesIn(text, file)
  const deep = firstTooDeep(tokens)
  if (deep !== undefined) return { issues: [tooDeep(rangeOf(deep, deep))] }
  const composed = new Composer({
    version: '1.2',
    schema: 'core',
    intAsBigInt: true,
    resolveKnownTags: false,
    // Quadratic in the size of an object; duplicates are found while reading.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  }).compose(tokens, true, text.length)
  return oneDocument([...composed], rangeOf)
}

export function tooDeep(at: SourceRange): SpecIssue {
  return problem('too_deep', at, {
    message: `Lists and objects nest deeper than ${MAX_DEPTH} levels.`,
    hint: 'split the spec',
  })
}

/** Counts the lines itself: the parser misses those within a token that it refuses. */
function rangesIn(text: string, file: string): RangeOf {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1)
  return (start, end) => {
    const from = lines.linePos(Math.min(start, text.length))
    const to = lines.linePos(Math.min(Math.max(start, end), text.length))
    return { file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
}

/** The offset of the first collection below the limit; with a stack of its own, since the depth is not known yet. */
function firstTooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open = tokens.map((token) => ({ token, depth: 0 }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (token.type === 'document') {
      if (token.value !== undefined) open.push({ token: token.value, depth })
      continue
    }
    if (!CST.isCollection(token)) continue
    if (depth === MAX_DEPTH) return token.offset
    for (const { key, value } of token.items) {
      if (CST.isCollection(key)) open.push({ token: key, depth: depth + 1 })
      if (CST.isCollection(value)) open.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}

function oneDocument(
  documents: readonly Document.Parsed[],
  rangeOf: RangeOf,
): { readonly document: YamlDocument } | { readonly issues: readonly SpecIssue[] } {
  const issues = documents
    .flatMap((document) => document.errors)
    .map((error) => syntaxIssue(error, rangeOf))
  const second = documents[1]
  if (second !== undefined) {
    issues.push(
      problem('yaml_syntax', rangeOf(second.range[0], second.range[0]), {
        message: 'The file holds more than one YAML document.',
        hint: 'keep one spec per file and remove the `---` line',
      }),
    )
  }
  if (issues.length > 0) return { issues }
  return { document: { contents: documents[0]?.contents ?? null, rangeOf } }
}

const hints: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'look at the indentation, and for a bracket or brace that is not closed',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_ALIAS: 'a text that begins with `*` or `&` needs quotes, as `"*"`',
  BAD_SCALAR_START: 'put the text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put a text with `: ` in it in quotes',
  UNEXPECTED_TOKEN: 'put a text with `{ } [ ] , # * &` in it in quotes',
  MISSING_CHAR: 'look for a bracket, a brace, a quote or a colon that is missing here or above',
}

function syntaxIssue(error: YAMLError, rangeOf: RangeOf): SpecIssue {
  const message = visible(error.message.slice(0, 200)).replace(/[.:]?$/, '.')
  return problem('yaml_syntax', rangeOf(error.pos[0], error.pos[1]), {
    message,
    hint: hints[error.code],
  })
}
