import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('./', import.meta.url))

/** The ids of the table rows, in their order. */
function promisedIds(markdown: string): string[] {
  return [...markdown.matchAll(/^\| ([A-Z]-\d{2}) \|/gm)].map(([, id = '']) => id)
}

/** The ids in calls of `verifies`; calls that a comment holds count for nothing. */
function citedIds(source: string): string[] {
  const calls = source.matchAll(/^(?!\s*(?:\/\/|\*)).*?\bverifies\(([^)]*)\)/gm)
  return [...calls].flatMap(([, ids = '']) =>
    [...ids.matchAll(/'([^']+)'/g)].map(([, id = '']) => id),
  )
}

test('every cited requirement exists, and the uncited ones are listed', () => {
  const promised = promisedIds(readFileSync(`${root}data/requirements.md`, 'utf8'))
  const citations = globSync('**/*.test.ts', { cwd: root })
    .filter((path) => path !== 'requirements.test.ts')
    .flatMap((path) => citedIds(readFileSync(root + path, 'utf8')).map((id) => ({ path, id })))

  expect(promised.length).toBeGreaterThan(70)
  expect(new Set(promised).size).toBe(promised.length)
  expect(citations.filter(({ id }) => !promised.includes(id))).toEqual([])

  const cited = new Set(citations.map(({ id }) => id))
  const open = promised.filter((id) => !cited.has(id))
  console.info(
    `${cited.size} of ${promised.length} requirements are cited by a test; not yet: ${open.join(' ')}`,
  )
})

test('ids are read from rows and calls only', () => {
  expect(
    promisedIds('| id | capability |\n|---|---|\n| P-01 | one |\n| X-17 | see P-02 |\n'),
  ).toEqual(['P-01', 'X-17'])
  expect(
    citedIds(
      "test('a', () => {\n  verifies('P-01', 'X-02')\n  // verifies('P-03')\n})\nfunction verifies(...ids: string[]) {}",
    ),
  ).toEqual(['P-01', 'X-02'])
})
