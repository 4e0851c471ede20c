import type { Store } from '../../../src/store/store.ts'

/** Opens a new store that goes with the test. */
export type OpenTemporary = (
  limits?: Readonly<Partial<Record<'maxRuns' | 'maxBytes', number>>>,
) => Promise<AsyncDisposable & { readonly store: Store }>
