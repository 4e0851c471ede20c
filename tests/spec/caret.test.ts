import { expect, test } from 'vitest'
import { caretOf } from '../../src/spec/caret.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import { verifies } from '../verifies.ts'
import { specWith, specWithTag } from './issues-of.ts'

function rendered(text: string): string {
  return parseSpec(text, { file: 'specs/a.yaml' })
    .issues.map((issue) => caretOf(issue, text))
    .join('\n')
}

test.for<readonly [string, string, string]>([
  [
    'a mistyped key',
    specWith('dration: 5'),
    `specs/a.yaml:4:5: error: \`dration\` is not a field of an expectation.
  4 |     dration: 5
          ^^^^^^^
  hint: did you mean \`expected_duration_ms\`?`,
  ],
  [
    'a warning in a file with a mark and CRLF',
    `\uFEFF${specWithTag('GET *').replaceAll('\n', '\r\n')}`,
    `specs/a.yaml:4:29: warning: The text \`GET *\` is taken literally, also its star.
  4 |     required_tags: { tag.x: GET * }
                                  ^^^^^
  hint: write { glob: "GET *" } for a pattern, { eq: "GET *" } for exactly this text`,
  ],
  [
    'something of several lines',
    'name: s\nexpected_spans:\n  - status: ok\n    count: 1',
    `specs/a.yaml:3:5: error: The expectation does not say which span it expects.
  3 |   - status: ok
          ^^^^^^^^^^
  hint: write at least one of \`operation_name\`, \`service_name\`, \`kind\`, \`where\``,
  ],
  [
    'something after wide, combining and control characters',
    specWith('required_tags: { 漢字: 1, "e\u0301\t": 2, kind: [1] }'),
    `specs/a.yaml:4:45: error: \`kind\` must be a text, a number, a boolean or an object, not a list.
  4 |     required_tags: { 漢字: 1, "e\u0301 ": 2, kind: [1] }
                                                   ^^^`,
  ],
  [
    'something at the end of a long line',
    specWith(`required_tags: { ${'a'.repeat(300)}: 1, b: [1], ${'c'.repeat(300)}: 1 }`),
    `specs/a.yaml:4:330: error: \`b\` must be a text, a number, a boolean or an object, not a list.
  4 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1, b: [1], cccccccccccccccccccccccccccccccccccccccccccc…
                                                    ^^^`,
  ],
  [
    'an empty file',
    '',
    'specs/a.yaml:1:1: error: The file is empty.\n  hint: begin with `name:` and `expected_spans:`',
  ],
])('%s is shown with its line and a caret', ([, text, expected]) => {
  verifies('P-01')
  expect(rendered(text)).toBe(expected)
})
