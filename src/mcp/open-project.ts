import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { relative, resolve, sep } from 'node:path'
import { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import type { WorkPlace } from './call.ts'

export interface ProjectPlace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** As `--project`. */
  readonly project: string | undefined
}

/** The project that this server is for, with the world behind it. A Fault for a folder that holds everything. */
export async function openProject(place: ProjectPlace, at?: WorkPlace): Promise<Wire> {
  const { openWire } = await import('../wire.ts')
  const given = place.env['CLAUDE_PROJECT_DIR']
  const project = place.project ?? (given === '' ? undefined : given)
  await using found = openWire({ cwd: place.cwd, project, env: place.env })
  const { root } = found.project
  if (root === resolve('/') || root === realpathSync(homedir())) {
    throw new Fault('USAGE', `${root} is no project: it holds everything`, {
      hint: 'start the server in the folder of the project, or with --project FOLDER',
    })
  }
  return openWire({
    cwd: folderInside(root, at?.cwd ?? '.'),
    project: root,
    env: place.env,
    commandEnv: at?.env ?? {},
  })
}

function folderInside(root: string, folder: string): string {
  const path = realOf(resolve(root, folder))
  if (path === undefined || !statSync(path).isDirectory()) {
    throw new Fault('USAGE', `there is no folder ${folder} in the project`)
  }
  if (!isInside(path, root)) {
    throw new Fault('PATH_OUTSIDE', `the folder ${folder} is outside the project`, {
      hint: 'name a folder relative to the project, as "." or "packages/shop"',
    })
  }
  return path
}

/** Whether a path relative to the project leads to something; a Fault when that is outside the project. */
export function isPathInside(root: string, path: string): boolean {
  const real = path.includes('\0') ? undefined : realOf(resolve(root, path))
  if (real === undefined) return false
  if (isInside(real, root)) return true
  throw new Fault('PATH_OUTSIDE', `${path} is outside the project`, {
    hint: 'name a file inside the project, relative to its folder',
  })
}

function isInside(path: string, folder: string): boolean {
  const rest = relative(folder, path)
  return rest !== '..' && !rest.startsWith(`..${sep}`)
}

function realOf(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined
}
