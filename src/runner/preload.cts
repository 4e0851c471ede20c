/** CommonJS's own, typed for what is loaded here. */
declare const require: {
  (name: 'fs'): typeof import('fs')
  (name: 'path'): typeof import('path')
  (name: 'worker_threads'): typeof import('worker_threads')
  readonly cache: Readonly<Record<string, unknown>>
}

/**
 * Loaded into every Node process of a run through NODE_OPTIONS, on any Node from 14: notes that the process began, and at its
 * end which finished spans it still held. Adds listeners, and after SIGTERM a timer that keeps nothing alive; never throws, never prints.
 */
;((): void => {
  const directory = process.env['TRACESPEC_NOTES']
  if (directory === undefined || directory === '') return

  const fs = require('fs')
  const path = require('path')
  const threads = require('worker_threads')
  const API = Symbol.for('opentelemetry.js.api.1')
  const MAX_OBJECTS = 2000
  const MAX_TRACE_IDS = 200

  const isMain = threads.isMainThread
  const file = path.join(directory, process.pid + '.' + process.hrtime().join('-') + '.jsonl')
  const variables = telemetryVariables()
  const delayed = setTimeout
  const LATER_MS = 1000
  let crashed = false
  let idle = false

  note({
    event: isMain ? 'start' : 'thread_start',
    pid: process.pid,
    at: Date.now(),
    command: commandLabel(),
  })
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0
  })
  process.on('beforeExit', () => {
    idle = true
  })
  process.on('exit', (code) => note(endOf(isMain ? 'end' : 'thread_end', code)))
  if (isMain) process.on('SIGTERM', noteTermination)

  /**
   * Takes itself away before any other listener looks, and when it was the only one lets the signal do what it does by default:
   * the program ends, or does not, as without us. One that lives on has had time to flush when it is noted again.
   */
  function noteTermination(): void {
    process.removeListener('SIGTERM', noteTermination)
    note(endOf('term', 0))
    delayed(() => note(endOf('term', 0)), LATER_MS).unref()
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
  }

  /** Stated as it was before the program could change it. */
  function telemetryVariables(): Record<string, string | undefined> {
    const found: Record<string, string | undefined> = {}
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('OTEL_')) found[name] = process.env[name]
    }
    return found
  }

  function note(line: object): void {
    try {
      fs.appendFileSync(file, JSON.stringify(line) + '\n', { mode: 0o600 })
    } catch {
      // A process that may not write here stays unknown; it must not notice us.
    }
  }

  function commandLabel(): string {
    const script = process.argv[1]
    return path.basename(process.argv0) + (script === undefined ? '' : ' ' + path.basename(script))
  }

  function endOf(event: string, code: number): object {
    return Object.assign(
      {
        event,
        pid: process.pid,
        at: Date.now(),
        code: Number(code),
        crashed,
        idle,
        changed: changedVariables(),
        packages: loadedPackages(),
      },
      heldSpans(),
    )
  }

  function changedVariables(): string[] {
    const now = telemetryVariables()
    const names = new Set(Object.keys(now).concat(Object.keys(variables)))
    return Array.from(names).filter((name) => now[name] !== variables[name])
  }

  function loadedPackages(): string[] {
    const found = new Set<string>()
    for (const name of Object.keys(require.cache)) {
      const match = /[\\/]node_modules[\\/](@opentelemetry[\\/][^\\/]+)[\\/]/.exec(name)
      if (match !== null && match[1] !== undefined) found.add(match[1].replace('\\', '/'))
    }
    return Array.from(found)
  }

  interface Held {
    /** The class of the provider behind the global API; null when none is registered. */
    provider: string | null
    /** Finished spans not yet handed to an exporter; null when the processors could not be read. */
    waiting: number | null
    exporting: boolean
    /** Every processor that was found had been shut down; null when none was found. */
    shutDown: boolean | null
    delayMs: number | null
    traceIds: string[]
    sampler: string | null
    exporters: { name: string; host: string | null }[]
    tracers: number
  }

  /** Walks own data properties from the global provider: the fields are internals, so nothing found is unknown, not zero. */
  function heldSpans(): Held {
    const held: Held = {
      provider: null,
      waiting: null,
      exporting: false,
      shutDown: null,
      delayMs: null,
      traceIds: [],
      sampler: null,
      exporters: [],
      tracers: 0,
    }
    try {
      const provider = registeredProvider()
      if (provider === undefined) return held
      held.provider = className(provider)
      walk(provider, held)
    } catch {
      held.waiting = null
    }
    return held
  }

  function registeredProvider(): object | undefined {
    const api = valueOf(globalThis, API)
    let provider = isObject(api) ? valueOf(api, 'trace') : undefined
    while (isObject(provider) && isObject(valueOf(provider, '_delegate'))) {
      provider = valueOf(provider, '_delegate')
    }
    if (!isObject(provider) || className(provider) === 'ProxyTracerProvider') return undefined
    return provider
  }

  function walk(root: object, held: Held): void {
    const seen = new Set<object>([root])
    const queue: { node: object; exporter: { name: string; host: string | null } | null }[] = [
      { node: root, exporter: null },
    ]
    for (const { node, exporter } of queue) {
      if (seen.size > MAX_OBJECTS) return
      read(node, exporter, held)
      for (const name of Object.getOwnPropertyNames(node)) {
        const next = valueOf(node, name)
        if (!isObject(next) || seen.has(next) || isOpaque(name, next)) continue
        seen.add(next)
        const found = exporter === null && isExporter(next) ? exporterOf(next, held) : exporter
        queue.push({ node: next, exporter: found })
      }
    }
  }

  function exporterOf(node: object, held: Held): { name: string; host: string | null } {
    const exporter = { name: className(node), host: null }
    held.exporters.push(exporter)
    return exporter
  }

  function read(
    node: object,
    exporter: { name: string; host: string | null } | null,
    held: Held,
  ): void {
    const finished = valueOf(node, '_finishedSpans')
    // An exporter that keeps spans in memory has this field too; only a processor's spans are on their way.
    if (Array.isArray(finished) && exporter === null) readQueue(node, finished, held)
    const pending = valueOf(node, '_pendingExports')
    if (pending instanceof Set) {
      held.waiting = held.waiting ?? 0
      if (pending.size > 0) held.exporting = true
    }
    const sending = valueOf(node, '_sendingPromises')
    if (Array.isArray(sending) && sending.length > 0) held.exporting = true
    const shutdown = valueOf(node, '_shutdownOnce')
    if (exporter === null && isObject(shutdown)) {
      held.shutDown = held.shutDown !== false && valueOf(shutdown, '_isCalled') === true
    }
    const sampler = valueOf(node, 'sampler') ?? valueOf(node, '_sampler')
    if (held.sampler === null && isObject(sampler)) held.sampler = described(sampler)
    const tracers = valueOf(node, '_tracers')
    if (tracers instanceof Map) held.tracers = tracers.size
    const url = valueOf(node, 'url')
    if (exporter !== null && exporter.host === null && typeof url === 'string') {
      exporter.host = new URL(url).host
    }
  }

  function readQueue(node: object, finished: unknown[], held: Held): void {
    held.waiting = (held.waiting ?? 0) + finished.length
    if (valueOf(node, '_isExporting') === true) held.exporting = true
    const delay = valueOf(node, '_scheduledDelayMillis')
    if (typeof delay === 'number') held.delayMs = Math.max(held.delayMs ?? 0, delay)
    const ids = new Set(held.traceIds)
    for (const span of finished.slice(0, 10000)) {
      const context = isObject(span) ? valueOf(span, '_spanContext') : undefined
      const id = isObject(context) ? valueOf(context, 'traceId') : undefined
      if (typeof id === 'string' && ids.size < MAX_TRACE_IDS) ids.add(id)
    }
    held.traceIds = Array.from(ids)
  }

  function isExporter(node: object): boolean {
    return (
      'export' in node &&
      typeof node.export === 'function' &&
      'shutdown' in node &&
      typeof node.shutdown === 'function'
    )
  }

  function described(sampler: { toString: () => string }): string {
    return sampler.toString().slice(0, 200)
  }

  /** Large or foreign graphs that lead to no processor. */
  function isOpaque(name: string, node: object): boolean {
    const kinds = [Map, Set, Promise]
    return kinds.some((kind) => node instanceof kind) || /resource/i.test(name)
  }

  function isObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null
  }

  /** A data property's value; an accessor is not run. */
  function valueOf(node: object, name: string | symbol): unknown {
    const property = Object.getOwnPropertyDescriptor(node, name)
    return property === undefined ? undefined : property.value
  }

  function className(node: object): string {
    return 'constructor' in node && typeof node.constructor === 'function'
      ? node.constructor.name
      : 'Object'
  }
})()
