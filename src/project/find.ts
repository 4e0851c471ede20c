import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { Fault } from '../trace/fault.ts'
import { readConfig, type Config } from './config.ts'

/** The folder that a command works in, with what it configures; all paths are absolute and real. */
export interface Project {
  readonly root: string
  /** Whether it has a tracespec.yaml. */
  readonly isMarked: boolean
  /** The spec folder relative to the root, with slashes. */
  readonly specs: string
  readonly specFolder: string
  readonly storeFolder: string
  readonly config: Config
}

const configFile = 'tracespec.yaml'

/**
 * `explicit` (as `--project`), else the nearest folder from `cwd` upwards with tracespec.yaml, else with .git, else `cwd`.
 * A Fault when the folder is none or its tracespec.yaml is wrong.
 */
export function findProject(cwd: string, explicit?: string): Project {
  const root = realpathSync(explicit === undefined ? discover(cwd) : given(cwd, explicit))
  const config = readConfig(root, configFile)
  const specFolder = resolve(root, config.specs)
  return {
    root,
    isMarked: existsSync(join(root, configFile)),
    specs: specFolder === root ? '.' : relative(root, specFolder).split(sep).join('/'),
    specFolder,
    storeFolder: join(root, '.tracespec'),
    config,
  }
}

function given(cwd: string, explicit: string): string {
  const folder = resolve(cwd, explicit)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new Fault('USAGE', `--project ${explicit} is not a folder`)
}

function discover(cwd: string): string {
  const folders = upwards(resolve(cwd))
  return (
    folders.find((folder) => existsSync(join(folder, configFile))) ??
    folders.find((folder) => existsSync(join(folder, '.git'))) ??
    cwd
  )
}

function upwards(start: string): readonly string[] {
  const folders = [start]
  for (let folder = dirname(start); folder !== folders.at(-1); folder = dirname(folder)) {
    folders.push(folder)
  }
  return folders
}
