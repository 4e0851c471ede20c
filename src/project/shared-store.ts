import type { BackendOptions } from './backends.ts'
import { placeOf, substituted } from './config-text.ts'
import { demandOfStore, demandTrust } from './trust.ts'

/**
 * The URL of the store that the project shares, credentials included: never to be shown. Undefined when it has none of its own; a
 * Fault for one that is not trusted, or a variable that is not set.
 */
export function sharedStoreUrl({ root, config, env }: BackendOptions): string | undefined {
  const { store } = config
  if (store === undefined) return undefined
  demandTrust({ root, config, demand: demandOfStore(store), place: placeOf(store.at), env })
  return substituted(store, env)
}
