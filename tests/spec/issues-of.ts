import { parseSpec } from '../../src/spec/parse.ts'

/** Each issue as `line:col code`, a warning with a question mark. */
export function issuesOf(text: string): readonly string[] {
  return parseSpec(text, { file: 'a.yaml' }).issues.map(
    ({ at, code, severity }) =>
      `${at.line}:${at.column} ${code}${severity === 'warning' ? '?' : ''}`,
  )
}

/** A spec whose only expectation has these further lines of YAML. */
export function specWith(...lines: readonly string[]): string {
  return [
    'name: s',
    'expected_spans:',
    '  - operation_name: a',
    ...lines.map((l) => `    ${l}`),
  ].join('\n')
}

/** A spec that requires one tag; the matcher begins at 4:27. */
export function specWithTag(matcher: string): string {
  return specWith(`required_tags: { tag.x: ${matcher} }`)
}
