import type { SpecOrigin } from '../trace/ports.ts'
import type { Bounded } from './result.ts'

/** Which text of a spec; null for the time and the origin of a file that is not kept. */
export interface VersionFacts {
  readonly sha256: string
  /** ISO 8601. */
  readonly first_seen: string | null
  readonly origin: SpecOrigin | null
  /** The file is this text. */
  readonly current: boolean
}

/** What a text of a spec asks for against the one before. */
export type VersionChange =
  | {
      readonly kind: 'compared'
      /** Labels of expectations. */
      readonly added: readonly string[]
      readonly removed: readonly string[]
      /** How many bounds and conditions ask for less, for more, and for something else. */
      readonly weakened: number
      readonly tightened: number
      readonly changed: number
    }
  | { readonly kind: 'first' }
  /** One of the texts cannot be used as a spec. */
  | { readonly kind: 'unreadable' }

/** What `tracespec spec history --json` prints. */
export interface SpecHistory {
  readonly schema: 'tracespec.spec-history/1'
  readonly name: string
  readonly path: string
  /** Newest first; a file that is not kept yet before all. */
  readonly versions: Bounded<VersionFacts & { readonly change: VersionChange }>
}
