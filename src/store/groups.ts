import type { DatabaseSync } from 'node:sqlite'
import { checkMessage } from '../otlp/check.ts'
import { decodeResource } from '../otlp/decode.ts'
import type { Envelope, ScopeGroup } from '../otlp/scan.ts'
import { resourceSpans, scopeSpans } from '../otlp/schema.ts'
import { numberOf, type Row } from './row.ts'

/** A scope group whose resource and scope are kept under a row id. */
export interface KeptScope {
  readonly id: number
  readonly items: ScopeGroup['items']
}

/** Keeps the resources and scopes of a request, each once per run. */
export type KeepGroups = (envelope: Envelope, run: string) => readonly KeptScope[]

/** Prepares keeping the messages that lie around items, which all signals have alike. */
export function groupKeeper(database: DatabaseSync): KeepGroups {
  const findResource = database.prepare('SELECT id FROM resources WHERE run = ? AND bytes = ?')
  const addResource = database.prepare(
    'INSERT INTO resources (run, bytes, service) VALUES (?, ?, ?) RETURNING id',
  )
  const findScope = database.prepare('SELECT id FROM scopes WHERE resource = ? AND bytes = ?')
  const addScope = database.prepare(
    'INSERT INTO scopes (resource, bytes) VALUES (?, ?) RETURNING id',
  )
  const addFields = database.prepare('INSERT OR IGNORE INTO request_fields VALUES (?, ?)')

  function resourceId(run: string, bytes: Uint8Array): number {
    const known = findResource.get(run, bytes)
    if (known !== undefined) return numberOf(known, 'id')
    checkMessage(bytes, resourceSpans)
    const service = decodeResource(bytes).attributes.get('service.name')
    const name = typeof service === 'string' ? service : ''
    return idOf(addResource.get(run, bytes, name))
  }

  function scopeId(resource: number, bytes: Uint8Array): number {
    const known = findScope.get(resource, bytes)
    if (known !== undefined) return numberOf(known, 'id')
    checkMessage(bytes, scopeSpans)
    return idOf(addScope.get(resource, bytes))
  }

  return ({ groups, rest }, run) => {
    if (rest.length > 0) addFields.run(run, rest)
    return groups
      .filter((group) => group.scopes.some((scope) => scope.items.length > 0))
      .flatMap((group) => {
        const resource = resourceId(run, group.rest)
        return group.scopes
          .filter((scope) => scope.items.length > 0)
          .map((scope) => ({ id: scopeId(resource, scope.rest), items: scope.items }))
      })
  }
}

function idOf(row: Row | undefined): number {
  return numberOf(row ?? {}, 'id')
}
