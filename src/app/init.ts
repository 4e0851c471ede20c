import { Fault } from '../trace/fault.ts'
import type { SpecResult } from '../verify/result.ts'
import { draftOf, type Draft } from './draft.ts'
import { draftText } from './draft-text.ts'
import { judge, type Capture } from './judge.ts'
import { loadSpec } from './spec-files.ts'
import { slugOf } from './slug.ts'

export interface FirstSpec {
  readonly name: string
  readonly text: string
  readonly draft: Draft
  /** What the new spec says of the capture that it was learnt from. */
  readonly status: SpecResult['status']
}

export interface InitOptions {
  readonly capture: Capture
  /** As `--name`; else it is made from the name of the root span. */
  readonly name: string | undefined
  /** The JSON Schema as seen from the spec file. */
  readonly schema: string
}

/** A spec that names every span of the largest tree of a capture; undefined without a span. */
export function firstSpecOf({ capture, name, schema }: InitOptions): FirstSpec | undefined {
  const draft = draftOf(capture.traces)
  if (draft === undefined) return undefined
  const chosen = name ?? slugOf(draft.root.name)
  const text = draftText(draft, { name: chosen, schema, source: capture.source })
  return { name: chosen, text, draft, status: statusOn(capture, text) }
}

function statusOn(capture: Capture, text: string): SpecResult['status'] {
  const { spec, issues } = loadSpec({ path: 'init', sha256: '', read: { text } })
  if (spec === undefined) {
    const [issue] = issues
    throw new Fault('UNSUPPORTED', `this capture cannot be written as a spec: ${issue?.message}`)
  }
  const file = { spec, path: 'init', sha256: '', warnings: [] }
  const demands = {
    specsNamed: true,
    captureNamed: true,
    requireAll: false,
    exercisedBefore: [],
  }
  return judge([file], capture, demands).specs[0]?.status ?? 'not_exercised'
}
