import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInside } from './config.ts'
import type { Project } from './find.ts'

const name = 'trace-spec.schema.json'

/**
 * Where an editor finds the JSON Schema, as seen from the spec folder: in the installed package, in a checkout of tracespec,
 * else as a copy in the store's folder.
 */
export function schemaReference(project: Project): string {
  const own = realpathSync(fileURLToPath(new URL(`../../schema/${name}`, import.meta.url)))
  const candidates = [join(project.root, 'node_modules/tracespec/schema', name), own]
  const found = candidates.find((path) => existsSync(path) && isInside(path, project.root))
  const schema = found ?? copied(project, own)
  return relative(project.specFolder, schema).split(sep).join('/')
}

function copied(project: Project, own: string): string {
  const copy = join(project.storeFolder, name)
  mkdirSync(project.storeFolder, { recursive: true, mode: 0o700 })
  copyFileSync(own, copy)
  chmodSync(copy, 0o600)
  return copy
}
