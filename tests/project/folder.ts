import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for a project, and beside it a home; both are gone in the end. */
export interface Folder extends Disposable {
  readonly root: string
  readonly home: string
  /** A path from the project's folder. */
  write(path: string, text: string): void
  link(path: string, target: string): void
}

export function folder(config: string): Folder {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tracespec-project-')))
  const [root, home] = [join(base, 'project'), join(base, 'home')]
  mkdirSync(root)
  mkdirSync(home)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('tracespec.yaml', config)
  return {
    root,
    home,
    write,
    link: (path, target) => symlinkSync(target, join(root, path)),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  }
}
