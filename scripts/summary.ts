import { existsSync, readFileSync } from 'node:fs'

// Adds up vitest's JSON reports. The last line is `N passed, N failed`; a test that did not run counts as failed.
interface Report {
  readonly testResults: readonly TestFile[]
}

interface TestFile {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
}

const files = process.argv.slice(2)
const outcomes = files.flatMap((file) => {
  if (!existsSync(file)) return [`failed: no report at ${file}`]
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
  return testResults.length === 0
    ? [`failed: ${file} holds no test`]
    : testResults.flatMap(outcomesOf)
})
const failures = outcomes.filter((outcome) => outcome !== 'passed')

for (const failure of failures) console.log(failure)
console.log(`${outcomes.length - failures.length} passed, ${failures.length} failed`)
if (failures.length > 0) process.exitCode = 1

/** `passed` or what is wrong, for each test of a file and for a file that fails beside its tests. */
function outcomesOf({ name, status, message, assertionResults }: TestFile): string[] {
  const tests = assertionResults.map((test) =>
    test.status === 'passed' ? 'passed' : `${test.status}: ${name}: ${test.fullName}`,
  )
  const isExplained = status === 'passed' || tests.some((test) => test !== 'passed')
  return isExplained ? tests : [...tests, `failed: ${name}: ${message}`]
}
