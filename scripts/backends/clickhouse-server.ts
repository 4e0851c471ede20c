import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { tmpdir } from 'node:os'
import { randomUUID } from 'node:crypto'

// The ClickHouse engine of the npm package `chdb` behind ClickHouse's HTTP interface: queries in the URL or the body, formats,
// settings, bound parameters, inserts with a body, errors as texts with their code. One statement runs at a time.
// https://clickhouse.com/docs/interfaces/http
//
// usage: clickhouse-server.ts PORT FOLDER, where FOLDER has chdb in its node_modules.

interface Engine {
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>
  close(): void
}

interface Statement {
  readonly sql: string
  /** What an INSERT's body holds, in the format that the statement names. */
  readonly rows: Buffer | undefined
  readonly format: string
  readonly database: string
  readonly settings: readonly (readonly [string, string])[]
  /** Values in the escaping of TabSeparated, as they came. */
  readonly parameters: readonly (readonly [string, string])[]
}

const [port = '', folder = ''] = process.argv.slice(2)
const { Session } = createRequire(join(folder, 'package.json'))('chdb') as {
  readonly Session: new () => Engine
}
const engine = new Session()
// Values of parameters go by statements here; what a client may write is bounded below, as there.
await engine.queryAsync('SET max_query_size = 16777216', { format: 'Null' })
const spool = mkdtempSync(join(tmpdir(), 'tracespec-clickhouse-'))
const version = (await engine.queryAsync('SELECT version()', { format: 'TabSeparatedRaw' })).bytes()

let turn: Promise<unknown> = Promise.resolve()
// As much as ClickHouse takes: its http_max_uri_size.
const server = createServer(
  { maxHeaderSize: 2 ** 20 },
  (request, response) => void answer(request, response),
)
server.listen(Number(port), '127.0.0.1')
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)

function stop(): void {
  server.close()
  server.closeAllConnections()
  void turn.then(() => {
    engine.close()
    rmSync(spool, { recursive: true, force: true })
    process.exit(0)
  })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/ping') return void response.end('Ok.\n')
    refuseStrangers(request)
    const statement = statementOf(url.searchParams, await bodyOf(request), request)
    const run = turn.then(() => execute(statement))
    turn = run.catch(() => undefined)
    const result = helloResult(statement, await run)
    response.writeHead(200, {
      'content-type': contentTypes[statement.format] ?? 'text/plain; charset=UTF-8',
      'content-length': result.length,
      'x-clickhouse-format': statement.format,
      'x-clickhouse-query-id': url.searchParams.get('query_id') ?? randomUUID(),
      'x-clickhouse-server-display-name': 'chdb',
      'x-clickhouse-timezone': 'UTC',
    })
    response.end(result)
  } catch (error) {
    refuse(response, error)
  }
}

const contentTypes: Readonly<Record<string, string>> = {
  JSON: 'application/json; charset=UTF-8',
  JSONEachRow: 'application/x-ndjson; charset=UTF-8',
  JSONCompactEachRow: 'application/x-ndjson; charset=UTF-8',
  Native: 'application/octet-stream',
}

/** The user `default` without a password, as a fresh server has it. */
function refuseStrangers({ headers }: IncomingMessage): void {
  const basic = headers.authorization?.replace(/^Basic /i, '') ?? ''
  const [name = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':')
  const user = String(headers['x-clickhouse-user'] ?? name)
  const password = String(headers['x-clickhouse-key'] ?? rest.join(':'))
  if (password !== '' || !['', 'default'].includes(user)) {
    throw new Error(
      `Code: 516. DB::Exception: ${user}: Authentication failed. (AUTHENTICATION_FAILED)`,
    )
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const isZipped = request.headers['content-encoding'] === 'gzip'
  return buffer(isZipped ? request.pipe(createGunzip()) : request)
}

// Parameters of the interface; every other one is a setting.
const ownParameters = new Set(
  'query query_id database default_format user password session_id session_timeout session_check close_session compress decompress role quota_key stacktrace buffer_size wait_end_of_query client_protocol_version async_insert wait_for_async_insert'.split(
    ' ',
  ),
)

function statementOf(url: URLSearchParams, body: Buffer, { headers }: IncomingMessage): Statement {
  const query = url.get('query') ?? ''
  const isInsert = /^\s*INSERT\s/i.test(query) && body.length > 0
  const sql = isInsert || body.length === 0 ? query : `${query}\n${body.toString()}`.trim()
  if (sql.length > 262_144) {
    throw new Error('Code: 62. DB::Exception: Max query size exceeded. (SYNTAX_ERROR)')
  }
  const named = /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(sql)?.[1]
  const byHeader = headers['x-clickhouse-format']
  return {
    sql,
    rows: isInsert ? body : undefined,
    format:
      named ??
      url.get('default_format') ??
      (byHeader === undefined ? 'TabSeparated' : String(byHeader)),
    database: url.get('database') ?? String(headers['x-clickhouse-database'] ?? 'default'),
    settings: [...url].filter(([name]) => !ownParameters.has(name) && !name.startsWith('param_')),
    parameters: [...url].filter(([name]) => name.startsWith('param_')),
  }
}

/** Settings and parameters live in the connection, so that each statement sets its own and takes them back. */
async function execute(statement: Statement): Promise<Buffer> {
  const { settings, parameters, database, format, sql, rows } = statement
  const set: string[] = []
  try {
    await command(`USE ${identifier(database)}`)
    for (const [name, value] of settings) {
      await command(`SET ${identifier(name)} = ${literal(value)}`)
      set.push(name)
    }
    for (const [name, value] of parameters)
      await command(`SET ${identifier(name)} = ${literal(value)}`)
    if (rows === undefined) return Buffer.from((await engine.queryAsync(sql, { format })).bytes())
    return await insert(sql, rows)
  } finally {
    for (const name of set) await command(`SET ${identifier(name)} = DEFAULT`)
    await command('USE default')
  }
}

/** The rows go by a file, which the engine reads in any format, binary ones too. */
async function insert(sql: string, rows: Buffer): Promise<Buffer> {
  const path = join(spool, randomUUID())
  await writeFile(path, rows)
  try {
    await command(
      sql.replace(/\sFORMAT\s+\w+\s*;?\s*$/i, (format) => ` FROM INFILE ${literal(path)}${format}`),
    )
  } finally {
    rmSync(path, { force: true })
  }
  return Buffer.alloc(0)
}

async function command(sql: string): Promise<void> {
  await engine.queryAsync(sql, { format: 'Null' })
}

/**
 * Go's client opens a connection by asking who is there, in blocks of its newest protocol. It speaks to a server of revision 0,
 * which this is then, in plain blocks from there on.
 */
function helloResult({ sql, format }: Statement, result: Buffer): Buffer {
  if (format !== 'Native' || sql !== 'SELECT displayName(), version(), revision(), timezone()')
    return result
  const text = (value: string | Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
  const column = (name: string, type: string, value: Buffer): Buffer =>
    Buffer.concat([text(name), text(type), Buffer.from([0]), value])
  return Buffer.concat([
    Buffer.from([1, 0, 2, 255, 255, 255, 255, 0, 4, 1]),
    column('displayName()', 'String', text('chdb')),
    column('version()', 'String', text(Buffer.from(version).subarray(0, -1))),
    column('revision()', 'UInt32', Buffer.alloc(4)),
    column('timezone()', 'String', text('UTC')),
  ])
}

const statuses: Readonly<Record<string, number>> = { '60': 404, '62': 400, '81': 404, '516': 403 }

function refuse(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const code = /^Code: (\d+)/.exec(message)?.[1] ?? '1002'
  response.writeHead(statuses[code] ?? 500, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': code,
  })
  response.end(`${message} (version ${Buffer.from(version).toString().trim()} (official build))\n`)
}

function identifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, (sign) => `\\${sign}`)}\``
}

function literal(value: string): string {
  return `'${value.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`
}
