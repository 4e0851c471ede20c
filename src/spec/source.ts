import type { SourceRange, SpecIssue } from './spec.ts'
import type { Scalar } from '../trace/canonical.ts'

/** What a spec file holds once YAML is out of the way: aliases and merge keys are resolved, keys are texts. */
export type SourceNode = SourceValue | SourceList | SourceMap

export interface SourceValue {
  readonly kind: 'value'
  readonly value: Scalar | null
  readonly at: SourceRange
}

export interface SourceList {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
  readonly at: SourceRange
}

export interface SourceMap {
  readonly kind: 'map'
  readonly entries: readonly SourceEntry[]
  readonly at: SourceRange
}

export interface SourceEntry {
  readonly key: string
  readonly keyAt: SourceRange
  readonly value: SourceNode
}

/** A node in a person's words, for "expected a list, found a text". */
export function describeNode(node: SourceNode): string {
  switch (node.kind) {
    case 'list':
      return 'a list'
    case 'map':
      return 'an object'
    case 'value':
      return describeValue(node.value)
  }
}

function describeValue(value: Scalar | null): string {
  if (value === null) return 'nothing'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'boolean' ? `\`${value}\`` : `the number ${value}`
}

/** The state of one reading: what was found wrong, and where it is. */
export interface Reading {
  readonly issues: SpecIssue[]
  /** Ids of expectations so far and where they stand. */
  readonly ids: Map<string, SourceRange>
  /** As `expected_spans[0].children[2]`. */
  readonly path: string
  /** The last key of the path with its index, for messages. */
  readonly field: string
}

/** The reading one key further down. */
export function under(reading: Reading, key: string): Reading {
  return {
    ...reading,
    path: reading.path === '' ? key : `${reading.path}.${key}`,
    field: key,
  }
}

/** The reading at one element of a list. */
export function element(reading: Reading, index: number): Reading {
  return {
    ...reading,
    path: `${reading.path}[${index}]`,
    field: `${reading.field}[${index}]`,
  }
}
