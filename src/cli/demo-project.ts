import { existsSync, realpathSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../trace/fault.ts'

const packages = ['api', 'exporter-trace-otlp-http', 'resources', 'sdk-trace-node']

/** A copy of the bundled shop to run and to change. */
export interface DemoProject extends AsyncDisposable {
  readonly folder: string
}

/** In a temporary folder that is removed in the end, or in a new folder `keep` that stays. */
export async function makeDemoProject(cwd: string, keep: string | undefined): Promise<DemoProject> {
  const shop = fileURLToPath(new URL('../../fixtures/apps/shop', import.meta.url))
  const folder =
    keep === undefined ? await mkdtemp(join(tmpdir(), 'tracespec-demo-')) : resolve(cwd, keep)
  if (keep !== undefined && existsSync(folder)) {
    throw new Fault('FILE_EXISTS', `${keep} is there already and is left as it is`)
  }
  const remove = async (): Promise<void> => {
    if (keep === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    await cp(shop, folder, { recursive: true, filter: (path) => !path.endsWith('.tracespec') })
    await linkPackages(shop, folder)
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, [Symbol.asyncDispose]: remove }
}

/** The shop's copy finds the packages that tracespec itself was installed with, wherever they were hoisted to. */
async function linkPackages(shop: string, folder: string): Promise<void> {
  const scope = join(folder, 'node_modules/@opentelemetry')
  await mkdir(scope, { recursive: true })
  for (const name of packages) await symlink(installed(shop, name), join(scope, name), 'dir')
}

function installed(start: string, name: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules/@opentelemetry', name)
    if (existsSync(path)) return realpathSync(path)
    if (folder === dirname(folder)) break
  }
  throw new Fault(
    'FILE_UNREADABLE',
    `@opentelemetry/${name}, which the demo needs, is not installed`,
    {
      hint: 'install tracespec again, with its dependencies',
    },
  )
}
