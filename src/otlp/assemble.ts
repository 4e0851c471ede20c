import { PbfWriter } from 'pbf'
import { concat } from './concat.ts'
import type { Envelope } from './scan.ts'

/** An item as it is kept: its own message, and the messages around it without their items. */
export interface KeptItem {
  readonly resource: Uint8Array
  readonly scope: Uint8Array
  readonly item: Uint8Array
}

/**
 * A request put together again from kept items, with all fields that ever came; `rest` are those of the request itself.
 * Items whose resource is the same object stand together, and so do those of one scope.
 */
export function assembleRequest(items: readonly KeptItem[], rest: Envelope['rest']): Uint8Array {
  const writer = new PbfWriter()
  for (const [resource, ofResource] of Map.groupBy(items, (kept) => kept.resource)) {
    const scopes = [...Map.groupBy(ofResource, (kept) => kept.scope)].map(([scope, ofScope]) =>
      concat([scope, ...ofScope.map((kept) => field(2, kept.item))]),
    )
    writer.writeBytesField(1, concat([resource, ...scopes.map((scope) => field(2, scope))]))
  }
  return concat([writer.finish(), rest])
}

function field(number: number, message: Uint8Array): Uint8Array {
  const writer = new PbfWriter(new Uint8Array(message.length + 8))
  writer.writeBytesField(number, message)
  return writer.finish()
}
