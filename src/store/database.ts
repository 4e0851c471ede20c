import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as Sqlite from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../trace/fault.ts'
import { migrations } from './tables.ts'

export interface DatabaseOptions {
  /** The project's `.tracespec`; made when it is missing, for its owner alone. */
  readonly folder: string
  /** How long another process may hold the store before it counts as unavailable. */
  readonly busyTimeoutMs: number
  /** The most pages of 16 KiB that the file may have; for a quota. */
  readonly maxPages?: number
}

/** Opens the store's database, made or migrated as needed; a Fault STORE_UNAVAILABLE or STORE_FULL when that fails. */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  return guarded(() => {
    const file = prepareFolder(options.folder)
    const { DatabaseSync } = loadSqlite()
    const database = new DatabaseSync(file, { timeout: options.busyTimeoutMs })
    try {
      configure(database, options)
      migrate(database)
    } catch (cause) {
      database.close()
      throw cause
    }
    return database
  })
}

const fileName = 'tracespec.db'

function prepareFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, fileName)
  try {
    // SQLite gives the mode of this file to those that it makes beside it
    closeSync(openSync(file, 'wx', 0o600))
  } catch (cause) {
    if (!isErrno(cause, 'EEXIST')) throw cause
    return file
  }
  chmodSync(folder, 0o700)
  writeFileSync(join(folder, '.gitignore'), '*\n', { mode: 0o600 })
  return file
}

/** Node 22 calls the module experimental when it is loaded; that one warning is no news to a user. */
function loadSqlite(): typeof Sqlite {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error): void => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning)
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

function configure(database: DatabaseSync, { maxPages }: DatabaseOptions): void {
  // the page size counts for a new file only; large pages hold whole spans
  database.exec('PRAGMA page_size = 16384')
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA wal_autocheckpoint = 1000')
  database.exec('PRAGMA cache_size = -32768')
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)
}

function migrate(database: DatabaseSync): void {
  if (versionOf(database) === migrations.length) return
  inTransaction(database, () => {
    const version = versionOf(database)
    if (version > migrations.length) {
      throw new Fault('STORE_UNAVAILABLE', 'the store was written by a newer tracespec', {
        hint: 'update tracespec, or move the .tracespec folder away',
      })
    }
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** All of `work` or nothing; other processes wait meanwhile. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (cause) {
    rollBack(database)
    throw cause
  }
}

/** All that `work` reads is of one moment. */
export function inSnapshot<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN')
  try {
    return work()
  } finally {
    database.exec('ROLLBACK')
  }
}

/** Some errors, as a full disk, have ended the transaction already; before Node 22.16 only the attempt tells. */
function rollBack(database: DatabaseSync): void {
  const canBeAsked = 'isTransaction' in database
  if (canBeAsked && !database.isTransaction) return
  try {
    database.exec('ROLLBACK')
  } catch (cause) {
    if (canBeAsked || codeOf(cause) !== sqliteError) throw cause
  }
}

/** Runs `work` and says as a Fault what the disk, the file or another process does wrong. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw faultOf(cause)
  }
}

// https://sqlite.org/rescode.html
const reasons: ReadonlyMap<number, string> = new Map([
  [3, 'access was denied'],
  [5, 'another process keeps it locked'],
  [6, 'another process keeps it locked'],
  [8, 'it is read-only'],
  [10, 'the disk reports an error'],
  [11, 'its file is damaged'],
  [14, 'its file cannot be opened'],
  [26, 'its file is no database'],
])
const sqliteError = 1
const sqliteFull = 13

function faultOf(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof Fault) return cause
  const code = codeOf(cause)
  if (code !== undefined) {
    if (code === sqliteFull) return full(cause)
    const reason = reasons.get(code)
    return reason === undefined ? cause : unavailable(reason, cause)
  }
  if (isErrno(cause, 'ENOSPC') || isErrno(cause, 'EDQUOT')) return full(cause)
  return 'syscall' in cause ? unavailable(cause.message, cause) : cause
}

/** SQLite's primary result code. */
function codeOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause)) return undefined
  return typeof cause.errcode === 'number' ? cause.errcode & 0xff : undefined
}

function unavailable(reason: string, cause: Error): Fault {
  return new Fault('STORE_UNAVAILABLE', `the store cannot be used: ${reason}`, { cause })
}

function full(cause: Error): Fault {
  return new Fault('STORE_FULL', 'the store cannot be written: the disk is full', {
    hint: 'free some space, or delete the .tracespec folder',
    cause,
  })
}

function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}
