import type { LoadedSpec } from './spec-files.ts'

/** What `tracespec spec list --json` prints. */
export interface SpecList {
  readonly schema: 'tracespec.specs/1'
  readonly specs: readonly ListedSpec[]
}

export interface ListedSpec {
  /** Null when the file cannot be read as a spec. */
  readonly name: string | null
  readonly path: string
  readonly sha256: string
  readonly description: string | null
  /** Top-level expectations and those below them. */
  readonly expectations: number
  readonly errors: number
  readonly warnings: number
}

export function specListOf(specs: readonly LoadedSpec[]): SpecList {
  return { schema: 'tracespec.specs/1', specs: specs.map(listed) }
}

function listed({ source, spec, issues }: LoadedSpec): ListedSpec {
  const errors = issues.filter((issue) => issue.severity === 'error').length
  return {
    name: spec?.name ?? null,
    path: source.path,
    sha256: source.sha256,
    description: spec?.description ?? null,
    expectations: countBelow(spec?.expected ?? []),
    errors,
    warnings: issues.length - errors,
  }
}

interface Counted {
  readonly children: readonly Counted[]
}

function countBelow(expected: readonly Counted[]): number {
  return expected.reduce((sum, { children }) => sum + 1 + countBelow(children), 0)
}
