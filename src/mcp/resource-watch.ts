import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../trace/fault.ts'
import type { Call } from './call.ts'
import { readResource } from './resources.ts'

/** Tells of the resources that clients subscribed to, and looks at nothing while there are none. */
export interface ResourceWatch {
  /** Follows a resource until it is disposed; a Fault when there are too many. */
  readonly follow: (uri: string) => Disposable
}

interface Followed {
  subscribers: number
  /** Of the last look; undefined before the first. */
  digest: string | undefined
}

const LOOK_MS = 1000
const MAX_FOLLOWED = 1000

export interface WatchOptions {
  readonly call: Call
  /** Called for each change of a resource that is followed. */
  readonly tell: (uri: string) => void
  readonly onError: (error: unknown) => void
}

/** Looks once a second, and reads what is followed only when a spec file or the store has changed. */
export function openResourceWatch({ call, tell, onError }: WatchOptions): ResourceWatch {
  const followed = new Map<string, Followed>()
  let timer: NodeJS.Timeout | undefined
  let seen = ''
  let looking: Promise<void> = Promise.resolve()

  const look = async (): Promise<void> => {
    const stamp = await stampOf(call)
    const isChanged = stamp !== seen
    seen = stamp
    for (const [uri, entry] of followed) {
      if (!isChanged && entry.digest !== undefined) continue
      const digest = await digestOf(uri, call)
      if (entry.digest !== undefined && entry.digest !== digest) tell(uri)
      entry.digest = digest
    }
  }
  const lookNext = (): void => {
    looking = looking.then(look).catch(onError)
  }
  const release = (uri: string): void => {
    const entry = followed.get(uri)
    if (entry === undefined) return
    entry.subscribers -= 1
    if (entry.subscribers > 0) return
    followed.delete(uri)
    if (followed.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    follow: (uri) => {
      if (followed.size >= MAX_FOLLOWED && !followed.has(uri)) {
        throw new Fault('TOO_LARGE', `no more than ${MAX_FOLLOWED} resources can be followed`)
      }
      const entry = followed.get(uri) ?? { subscribers: 0, digest: undefined }
      entry.subscribers += 1
      followed.set(uri, entry)
      timer ??= setInterval(lookNext, LOOK_MS).unref()
      lookNext()
      let isHeld = true
      return {
        [Symbol.dispose]: () => {
          if (isHeld) release(uri)
          isHeld = false
        },
      }
    },
  }
}

/** Changes whenever a spec file or the store does; a project that cannot be read is a state of its own. */
async function stampOf(call: Call): Promise<string> {
  return orFault(async () => {
    await using wire = await call.open()
    const specs = wire.specFolder().map(({ path, sha256 }) => `${path} ${sha256}`)
    return [...specs, ...filesIn(wire.project.storeFolder)].join('\n')
  })
}

async function orFault(text: () => Promise<string>): Promise<string> {
  try {
    return await text()
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.message}`
    throw error
  }
}

function filesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder).map((name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    return `${name} ${stat?.size} ${stat?.mtimeMs}`
  })
}

async function digestOf(uri: string, call: Call): Promise<string> {
  return orFault(async () => {
    const found = await readResource(uri, call)
    return found === undefined ? 'none' : createHash('sha256').update(found.text).digest('hex')
  })
}
