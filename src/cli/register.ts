import { hostOf, type Host, type HostId } from '../app/hosts.ts'
import { Fault } from '../trace/fault.ts'
import { openWire, type Wire } from '../wire.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import type { CommonOptions } from './options.ts'

interface Registration {
  readonly host: Host
  /** False when the file was there, and stays as it is. */
  readonly isWritten: boolean
}

/** Tells hosts of the server, each in its file of the project; what is there already is printed instead. */
export async function register(
  ids: readonly HostId[],
  options: CommonOptions,
  io: Io,
): Promise<void> {
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const registrations = ids.map((id) => registered(hostOf(id), wire))
  if (options.json === true) await writeJson(documentOf(registrations), io)
  else await io.out.write(registrations.map((each) => textOf(each)).join(''))
}

function registered(host: Host, wire: Wire): Registration {
  try {
    wire.writeNew(host.path, host.entry)
    return { host, isWritten: true }
  } catch (error) {
    if (error instanceof Fault && error.code === 'FILE_EXISTS') return { host, isWritten: false }
    throw error
  }
}

function documentOf(registrations: readonly Registration[]): object {
  return {
    schema: 'tracespec.registrations/1',
    registrations: registrations.map(({ host: { id, path, entry }, isWritten }) => ({
      host: id,
      path,
      written: isWritten,
      text: entry,
    })),
  }
}

function textOf({ host: { title, path, entry }, isWritten }: Registration): string {
  if (isWritten) return `wrote ${path}: ${title} starts tracespec for its agents\n`
  return `${path} is there already and is left as it is. For ${title} it needs:\n\n${entry}\n`
}
