import { readFileSync } from 'node:fs'

const folder = new URL('../../fixtures/traces/', import.meta.url)

/** The bytes of a file under `fixtures/traces`. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder))
}
