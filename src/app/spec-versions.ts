import type { SpecOrigin, SpecVersion } from '../trace/ports.ts'
import type { Nanos } from '../trace/time.ts'
import type { ChosenSpec, LoadedSpec } from './spec-files.ts'

/** How and when specs were seen. */
export interface Seen {
  readonly origin: SpecOrigin
  readonly at: Nanos
}

/** The texts that specs are judged by, as versions to keep. */
export function versionsOf(
  specs: readonly ChosenSpec[],
  { origin, at }: Seen,
): readonly SpecVersion[] {
  return specs.map(({ spec, path, sha256, text }) => ({
    path,
    name: spec.name,
    sha256,
    text,
    firstSeen: at,
    origin,
  }))
}

/** What a tool found in the place that it writes to, then what it writes. */
export function versionsWritten(
  before: LoadedSpec | undefined,
  written: ChosenSpec,
  seen: Seen,
): readonly SpecVersion[] {
  const replaced =
    before?.spec !== undefined && 'text' in before.source.read
      ? [{ ...before.source, spec: before.spec, text: before.source.read.text, warnings: [] }]
      : []
  return [...versionsOf(replaced, { ...seen, origin: 'found' }), ...versionsOf([written], seen)]
}
