import { realpathSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMissing } from './read-bounded.ts'

/**
 * The path from `root` of a file that a program names, as a path or a file URL; undefined when it is none, lies outside the
 * project or belongs to a dependency.
 */
export function fileInProject(root: string, named: string): string | undefined {
  const path = pathOf(named)
  if (path === undefined || path.includes('\0')) return undefined
  const real = realFile(resolve(root, path))
  if (real === undefined) return undefined
  const parts = relative(root, real).split(sep)
  const isOwn = parts[0] !== '..' && !parts.some((part) => dependencies.has(part))
  return isOwn ? parts.join('/') : undefined
}

const dependencies: ReadonlySet<string> = new Set(['node_modules', 'site-packages', 'vendor'])

function pathOf(named: string): string | undefined {
  if (!named.startsWith('file:')) return named
  const url = URL.parse(named)
  if (url === null || url.host !== '') return undefined
  try {
    return fileURLToPath(url)
  } catch (error) {
    // Escapes that are no text, or that hide a separator.
    if (error instanceof URIError || error instanceof TypeError) return undefined
    throw error
  }
}

function realFile(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isFile() ? real : undefined
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error)) return undefined
    throw error
  }
}
