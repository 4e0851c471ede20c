import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts'

/** A folder of its own for a test, deleted in the end. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tracespec-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A new store in a folder of its own. */
export function temporaryStore(
  options: Partial<StoreOptions> = {},
): AsyncDisposable & { readonly store: Store; readonly folder: string } {
  const folder = temporaryFolder()
  const path = join(folder.path, '.tracespec')
  const store = openStore({ folder: path, ...options })
  return {
    store,
    folder: path,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
