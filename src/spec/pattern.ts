import { RE2JS, RE2JSSyntaxException } from 're2js'
import { problem, quoted, visible } from './issue.ts'
import { mapped, text } from './shape.ts'
import type { Shape } from './shape.ts'
import type { SourceRange, SpecIssue } from './spec.ts'
import { isTemplate } from './wildcard.ts'

/** Longer expressions are refused: their programs get large. */
const MAX_REGEX_LENGTH = 1000

/** An RE2 expression that compiles. */
export const regexText: Shape<string> = mapped(text, (pattern, at, reading) => {
  const issue = regexIssue(pattern, at)
  if (issue === undefined) return pattern
  reading.issues.push(issue)
  return undefined
})

/** A template whose braces are closed within their path segment; without braces it is a literal. */
export const templateText: Shape<string> = mapped(text, (pattern, at, reading) => {
  if (isTemplate(pattern)) return pattern
  reading.issues.push(
    problem('bad_pattern', at, {
      message: `The braces of the template ${quoted(pattern)} do not pair within a path segment.`,
      hint: 'write one {name} for one path segment, as "GET /users/{id}"',
    }),
  )
  return undefined
})

function regexIssue(pattern: string, at: SourceRange): SpecIssue | undefined {
  if (pattern.length > MAX_REGEX_LENGTH) {
    return problem('bad_pattern', at, {
      message: `The regular expression is longer than ${MAX_REGEX_LENGTH} characters.`,
    })
  }
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return syntaxIssue(pattern, at, error)
    throw error
  }
}

function syntaxIssue(pattern: string, at: SourceRange, error: RE2JSSyntaxException): SpecIssue {
  const foreign = FOREIGN.find(({ syntax }) => syntax.test(pattern))
  if (foreign !== undefined) {
    const position = pattern.search(foreign.syntax) + 1
    return problem('bad_pattern', at, {
      message: `The regular expression ${quoted(pattern)} has a ${foreign.name} at character ${position}, which RE2 does not support.`,
      hint: 'see the RE2 syntax at github.com/google/re2/wiki/Syntax',
    })
  }
  const fault = visible(error.getDescription())
  const position = pattern.indexOf(error.getPattern() ?? '') + 1
  return problem('bad_pattern', at, {
    message: `The regular expression ${quoted(pattern)} does not compile: ${fault}${position > 1 ? ` at character ${position}` : ''}.`,
    hint: 'see the RE2 syntax at github.com/google/re2/wiki/Syntax',
  })
}

/** What other engines have and a linear-time one cannot; an escaped backslash before it does not count. */
const FOREIGN: readonly { readonly name: string; readonly syntax: RegExp }[] = [
  { name: 'lookahead', syntax: /(?<!\\)\(\?[=!]/ },
  { name: 'lookbehind', syntax: /(?<!\\)\(\?<[=!]/ },
  { name: 'backreference', syntax: /(?<!\\)(?:\\\\)*\\(?:[1-9]|k[<{'])/ },
  { name: 'atomic group', syntax: /(?<!\\)\(\?>/ },
]
