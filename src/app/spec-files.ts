import { caretOf } from '../spec/caret.ts'
import { parseSpec } from '../spec/parse.ts'
import type { Spec, SpecIssue } from '../spec/spec.ts'
import { nearest } from '../spec/suggest.ts'
import { Fault } from '../trace/fault.ts'
import type { SpecFile } from '../verify/observation.ts'

/** A spec file as it was read; `path` is relative to the project. */
export interface SpecSource {
  readonly path: string
  readonly sha256: string
  readonly read: { readonly text: string } | { readonly issue: SpecIssue }
}

/** A spec file with what is wrong or doubtful in it; `spec` is undefined when it cannot be used. */
export interface LoadedSpec {
  readonly source: SpecSource
  readonly spec: Spec | undefined
  readonly issues: readonly SpecIssue[]
}

/** What the user wrote after `--spec`, and the file when that is a path of one. */
export interface AskedSpec {
  readonly text: string
  readonly file: SpecSource | undefined
}

/** A spec that can be used, with the text that it was read from. */
export interface ChosenSpec extends SpecFile {
  readonly text: string
}

export function loadSpec(source: SpecSource): LoadedSpec {
  if ('issue' in source.read) return { source, spec: undefined, issues: [source.read.issue] }
  const { spec, issues } = parseSpec(source.read.text, { file: source.path })
  const isUsable = !issues.some((issue) => issue.severity === 'error')
  return { source, spec: isUsable ? spec : undefined, issues }
}

/** The specs to judge by: those asked for, else all of the folder. A Fault when one is unknown, ambiguous or cannot be used. */
export function chooseSpecs(
  folder: () => readonly SpecSource[],
  asked: readonly AskedSpec[],
): readonly ChosenSpec[] {
  return usable(findSpecs(folder, asked))
}

/** As `chooseSpecs`, with those that cannot be used. */
export function findSpecs(
  folder: () => readonly SpecSource[],
  asked: readonly AskedSpec[],
): readonly LoadedSpec[] {
  const isFolderNeeded = asked.length === 0 || asked.some(({ file }) => file === undefined)
  const loaded = isFolderNeeded ? folder().map(loadSpec) : []
  if (asked.length === 0) return loaded
  const chosen = asked.map(({ text, file }) =>
    file === undefined ? byName(loaded, text) : loadSpec(file),
  )
  return chosen.filter((spec, at) => indexOfPath(chosen, spec) === at)
}

function indexOfPath(specs: readonly LoadedSpec[], { source }: LoadedSpec): number {
  return specs.findIndex((spec) => spec.source.path === source.path)
}

function byName(specs: readonly LoadedSpec[], name: string): LoadedSpec {
  const [found, other] = specs.filter((spec) => isNamed(spec, name))
  if (found === undefined) throw unknown(specs, name)
  if (other === undefined) return found
  throw new Fault('USAGE', `two specs are called ${name}`, {
    hint: `name one by its path: ${found.source.path} or ${other.source.path}`,
  })
}

/** Whether a spec is meant by a path or a name. */
export function isNamed(spec: LoadedSpec, text: string): boolean {
  return namesOf(spec).includes(text)
}

/** By its own name; a spec that cannot be read, by the name of its file. */
function namesOf({ spec, source }: LoadedSpec): readonly string[] {
  return [source.path, spec?.name ?? stemOf(source.path)]
}

function stemOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/(?:\.trace)?\.\w+$/, '')
}

function unknown(specs: readonly LoadedSpec[], name: string): Fault {
  const names = specs.flatMap(namesOf)
  const near = nearest(name, names)
  const message = `there is no spec ${name}`
  if (near === undefined) return new Fault('SPEC_NOT_FOUND', message)
  return new Fault('SPEC_NOT_FOUND', message, { hint: `did you mean ${near}?` })
}

function usable(specs: readonly LoadedSpec[]): readonly ChosenSpec[] {
  const wrong = specs.filter(({ spec }) => spec === undefined)
  if (wrong.length > 0) throw invalid(wrong)
  return specs.flatMap(({ spec, source: { path, sha256, read }, issues }) =>
    spec !== undefined && 'text' in read
      ? [{ spec, path, sha256, text: read.text, warnings: issues }]
      : [],
  )
}

/** Every issue of every file, each with its line and a caret. */
function invalid(specs: readonly LoadedSpec[]): Fault {
  const issues = specs.flatMap((spec) => issueTexts(spec, 'error'))
  const files = specs.length === 1 ? 'a spec' : `${specs.length} specs`
  return new Fault('SPEC_INVALID', `${files} cannot be used\n\n${issues.join('\n\n')}`)
}

/** The issues as a person reads them; those of one severity, else all. */
export function issueTexts(
  { source, issues }: LoadedSpec,
  severity?: SpecIssue['severity'],
): readonly string[] {
  const text = 'text' in source.read ? source.read.text : ''
  return issues
    .filter((issue) => severity === undefined || issue.severity === severity)
    .map((issue) => caretOf(issue, text))
}
