import type { OpenedCapture } from '../app/captures.ts'
import type { Wire } from '../wire.ts'

/** What the TRACE arguments name. */
export async function openCaptures(wire: Wire, texts: readonly string[]): Promise<OpenedCapture> {
  const { openCapture } = await import('../app/captures.ts')
  const { ownRootOf } = await import('../wire.ts')
  return openCapture(texts, {
    isPath: wire.isPath,
    traceFile: wire.traceFile,
    store: wire.existingStore,
    ownRootOf,
  })
}
