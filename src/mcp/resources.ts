import type { Call } from './call.ts'
import type { ResourceText } from './server.ts'

/** A resource by its address; undefined when there is none. */
export async function readResource(uri: string, call: Call): Promise<ResourceText | undefined> {
  const [, id] = /^tracespec:\/\/trace\/([0-9a-f]{32})$/.exec(uri) ?? []
  return id === undefined ? undefined : rawTrace(uri, id, call)
}

async function rawTrace(uri: string, id: string, call: Call): Promise<ResourceText> {
  const { openTrace } = await import('./open-trace.ts')
  using wire = await call.open()
  const { trace } = await openTrace(wire, id)
  return { uri, mimeType: 'application/json', text: await wire.traceJson(trace.spans) }
}
