import { hash } from 'node:crypto'
import { checkMessage } from '../../otlp/check.ts'
import { decodeResource } from '../../otlp/decode.ts'
import type { Envelope } from '../../otlp/scan.ts'
import { resourceSpans, scopeSpans } from '../../otlp/schema.ts'
import { bigintOf, bytesOf, damaged } from '../row.ts'
import type { Ask } from './database.ts'

/** A request on its way into a run; an empty run is none. */
export interface Writing {
  readonly project: string
  readonly run: string
  readonly request: Buffer
}

/** Tells contents apart in 16 bytes; long ones do not fit an index. */
export function digestOf(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer').subarray(0, 16)
}

/** Keeps others from deleting the run until the end of the transaction. */
export async function lockRun(ask: Ask, { project, run }: Writing): Promise<void> {
  if (run === '') return
  await ask('SELECT 1 FROM tracespec.runs WHERE project = $1 AND id = $2 FOR KEY SHARE', [
    project,
    run,
  ])
}

interface Part {
  readonly key: string
  readonly digest: Buffer
  readonly bytes: Uint8Array
}

function partOf(bytes: Uint8Array): Part {
  const digest = digestOf(bytes)
  return { key: digest.toString('hex'), digest, bytes }
}

/**
 * Keeps the resources and scopes of a request, each once per run. Answers the ids of the scopes that have items, in the order of
 * the request.
 */
export async function keepGroups(
  ask: Ask,
  { groups, rest }: Envelope,
  writing: Writing,
): Promise<readonly bigint[]> {
  if (rest.length > 0) await keepFields(ask, rest, writing)
  const used = groups.flatMap((group) => {
    const scopes = group.scopes.filter(({ items }) => items.length > 0)
    return scopes.length === 0
      ? []
      : [{ resource: partOf(group.rest), scopes: scopes.map((scope) => partOf(scope.rest)) }]
  })
  const resources = await keepResources(
    ask,
    used.map(({ resource }) => resource),
    writing,
  )
  const scopes = used.flatMap((group) =>
    group.scopes.map((part) => ({
      ...part,
      resource: resources.get(group.resource.key) ?? damaged('resource'),
    })),
  )
  const ids = await keepScopes(ask, scopes)
  return scopes.map((scope) => ids.get(scopeKey(scope)) ?? damaged('scope'))
}

async function keepFields(ask: Ask, rest: Uint8Array, { project, run }: Writing): Promise<void> {
  await ask('INSERT INTO tracespec.request_fields VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
    project,
    run,
    digestOf(rest),
    rest,
  ])
}

/** The ids by the digests' keys. */
async function keepResources(
  ask: Ask,
  parts: readonly Part[],
  { project, run }: Writing,
): Promise<ReadonlyMap<string, bigint>> {
  const all = inOrder(parts)
  const find = async (): Promise<Map<string, bigint>> => {
    const rows = await ask(
      `SELECT id, digest FROM tracespec.resources
       WHERE project = $1 AND run = $2 AND digest = ANY($3::bytea[])`,
      [project, run, all.map(({ digest }) => digest)],
    )
    return new Map(rows.map((row) => [hexOf(bytesOf(row, 'digest')), bigintOf(row, 'id')]))
  }
  const known = await find()
  const unknown = all.filter(({ key }) => !known.has(key))
  if (unknown.length === 0) return known
  for (const { bytes } of unknown) checkMessage(bytes, resourceSpans)
  await ask(
    `INSERT INTO tracespec.resources (project, run, digest, service, bytes)
     SELECT $1::text, $2::text, * FROM unnest($3::bytea[], $4::bytea[], $5::bytea[])
     ON CONFLICT DO NOTHING`,
    [
      project,
      run,
      unknown.map(({ digest }) => digest),
      unknown.map(({ bytes }) => serviceOf(bytes)),
      unknown.map(({ bytes }) => bytes),
    ],
  )
  return find()
}

function serviceOf(resource: Uint8Array): Buffer {
  const service = decodeResource(resource).attributes.get('service.name')
  return Buffer.from(typeof service === 'string' ? service : '')
}

interface ScopePart extends Part {
  readonly resource: bigint
}

function scopeKey({ resource, key }: Pick<ScopePart, 'resource' | 'key'>): string {
  return `${resource} ${key}`
}

/** The ids by `scopeKey`. */
async function keepScopes(
  ask: Ask,
  parts: readonly ScopePart[],
): Promise<ReadonlyMap<string, bigint>> {
  const all = inOrder(parts)
  const find = async (): Promise<Map<string, bigint>> => {
    const rows = await ask(
      `SELECT c.id, c.resource, c.digest FROM tracespec.scopes c
       JOIN unnest($1::bigint[], $2::bytea[]) AS asked (resource, digest) USING (resource, digest)`,
      [all.map(({ resource }) => resource), all.map(({ digest }) => digest)],
    )
    const entries = rows.map((row) => {
      const key = hexOf(bytesOf(row, 'digest'))
      return [scopeKey({ resource: bigintOf(row, 'resource'), key }), bigintOf(row, 'id')] as const
    })
    return new Map(entries)
  }
  const known = await find()
  const unknown = all.filter((part) => !known.has(scopeKey(part)))
  if (unknown.length === 0) return known
  for (const { bytes } of unknown) checkMessage(bytes, scopeSpans)
  await ask(
    `INSERT INTO tracespec.scopes (resource, digest, bytes)
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) ON CONFLICT DO NOTHING`,
    [
      unknown.map(({ resource }) => resource),
      unknown.map(({ digest }) => digest),
      unknown.map(({ bytes }) => bytes),
    ],
  )
  return find()
}

/** All writers take the same rows in the same order, so that none waits for one that waits for it. */
function inOrder<T extends Part>(parts: readonly T[]): readonly T[] {
  return parts.toSorted((a, b) => a.digest.compare(b.digest))
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
