import { Fault } from '../trace/fault.ts'
import type { SpecResult } from '../verify/result.ts'
import { draftOf, type Draft } from './draft.ts'
import { draftText } from './draft-text.ts'
import { judge, type Capture } from './judge.ts'
import { loadSpec } from './spec-files.ts'
import { slugOf } from './slug.ts'

export interface FirstSpec {
  readonly name: string
  /** Relative to the project. */
  readonly path: string
  readonly text: string
  readonly draft: Draft
  /** What the new spec says of the capture that it was learnt from. */
  readonly status: SpecResult['status']
}

export interface InitOptions {
  readonly capture: Capture
  /** As `--name`; else it is made from the name of the root span. */
  readonly name: string | undefined
  /** The spec folder, relative to the project. */
  readonly folder: string
  /** The JSON Schema as seen from that folder. */
  readonly schema: string
}

/** A spec that names every span of the largest tree of a capture; undefined without a span. */
export function firstSpecOf(options: InitOptions): FirstSpec | undefined {
  const { capture, folder, schema } = options
  const draft = draftOf(capture.traces)
  if (draft === undefined) return undefined
  const name = options.name ?? slugOf(draft.root.name)
  const path = `${folder}/${slugOf(name)}.trace.yaml`
  const text = draftText(draft, { name, schema, source: capture.source })
  return { name, path, text, draft, status: statusOn(capture, { path, text }) }
}

function statusOn(
  capture: Capture,
  { path, text }: { readonly path: string; readonly text: string },
): SpecResult['status'] {
  const { spec, issues } = loadSpec({ path, sha256: '', read: { text } })
  if (spec === undefined) {
    const reasons = issues.map(({ message }) => message).join(' ')
    throw new Fault('UNSUPPORTED', `this capture cannot be written as a spec: ${reasons}`)
  }
  const file = { spec, path, sha256: '', warnings: [] }
  const demands = {
    specsNamed: true,
    captureNamed: true,
    requireAll: false,
    exercisedBefore: [],
  }
  return judge([file], capture, demands).specs[0]?.status ?? 'not_exercised'
}
