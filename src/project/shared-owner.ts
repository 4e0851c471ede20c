import { hostname } from 'node:os'
import { git } from './code-state.ts'

/** Whose captures in a shared store are meant. */
export interface SharedOwner {
  /** The same for all checkouts of a repository. */
  readonly project: string
  /** This checkout. */
  readonly place: string
}

/** A project is known by its repository's `origin` and its folder in it; without one, by its folder on this machine alone. */
export async function sharedOwner(root: string): Promise<SharedOwner> {
  const place = `${hostname()}:${root}`
  const remote = await git(root, ['config', '--get', 'remote.origin.url'])
  const repository = remote === undefined ? undefined : repositoryOf(remote.trim())
  if (repository === undefined) return { project: place, place }
  const folder = (await git(root, ['rev-parse', '--show-prefix']))?.trim() ?? ''
  return { project: folder === '' ? repository : `${repository}#${folder}`, place }
}

/** Host and path of a remote, alike for all ways to it and without credentials; undefined for one on this machine. */
function repositoryOf(remote: string): string | undefined {
  const short = /^(?:[^@/:]+@)?(?<host>[^@/:]{2,}):(?!\/\/)(?<path>.+)$/.exec(remote)?.groups
  const url = short === undefined ? URL.parse(remote) : null
  const host = short?.['host'] ?? url?.hostname ?? ''
  const path = short?.['path'] ?? url?.pathname ?? ''
  if (host === '' || url?.protocol === 'file:') return undefined
  return `${host.toLowerCase()}/${path.replace(/^\/+|\/+$|\.git\/*$/g, '')}`
}
