import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Backend } from './project/backends.ts'
import type { CloudKind } from './project/cloud-kinds.ts'
import { fileInProject } from './project/file-in-project.ts'
import { findProject, type Project } from './project/find.ts'
import { readSpecAt, readSpecFolder, type SpecText } from './project/spec-folder.ts'
import { schemaReference } from './project/schema-reference.ts'
import { writeNew } from './project/write-new.ts'
import type { ReceiveOptions, Receiving } from './receiver/receive.ts'
import { runIdAt } from './runner/run-id.ts'
import type { Trust } from './project/trust.ts'
import type { FolderListener } from './project/watch-folder.ts'
import type { SpecWrite } from './project/write-spec.ts'
import type { RunOptions, RunOutcome, RunStarted, SignalSource } from './runner/outcome.ts'
import type { ClickHouseOptions } from './sources/clickhouse.ts'
import type { Endpoint } from './sources/endpoint.ts'
import type { JaegerOptions } from './sources/jaeger.ts'
import type { ProbedKind } from './sources/probe.ts'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from './trace/ids.ts'
import type {
  CodeState,
  ForwardFacts,
  RunStore,
  SessionStore,
  SpecVersions,
} from './trace/ports.ts'
import type { Span } from './trace/span.ts'
import type { SourceTrace, TraceSource } from './trace/source.ts'
import type { TraceForm, Written } from './trace/trace-form.ts'
import { nanosOf, type Nanos } from './trace/time.ts'

/** What a command is asked to run with; the receiver and the store are the wire's own. */
export type ExecuteOptions = Pick<
  RunOptions,
  'command' | 'waitMs' | 'keepEnv' | 'preload' | 'protocol' | 'stdio' | 'server' | 'onServing'
> & {
  readonly runId: string
  readonly timeoutMs: number | undefined
  readonly onStarted: (started: RunStarted) => Promise<void>
  /** The trace that the command continues; one of its own when not given. */
  readonly parent?: RunParent
  /** Where signals to this run come from; the process when not given. */
  readonly signals?: SignalSource
  /** Another receiver that gets a copy of all that arrives. */
  readonly forward?: URL
  readonly onForwarded?: (facts: ForwardFacts) => void
}

/** What a command inherits of the trace of whoever asked for it. */
export interface RunParent {
  readonly traceId: TraceId
  readonly traceState: string | undefined
  readonly baggage: string | undefined
}

/** Where the runs, the sessions and the versions of specs of a project are kept. */
export type ProjectStore = RunStore & SessionStore & SpecVersions

/** Everything of the world that a command works with, opened when it is first needed. */
export interface Wire extends AsyncDisposable {
  readonly project: Project
  /** Where relative paths begin. */
  readonly cwd: string
  readonly now: () => Nanos
  readonly newRunId: () => string
  readonly isPath: (text: string) => boolean
  readonly specFolder: () => readonly SpecText[]
  readonly specAt: (path: string) => SpecText | undefined
  /** A Fault when the file, named relative to the project, is there. */
  readonly writeNew: (path: string, text: string) => void
  /** Answers the digest; a Fault when the file is not as the caller believes. */
  readonly writeSpec: (write: SpecWrite) => Promise<string>
  /** Where an editor finds the JSON Schema, as seen from the spec folder. */
  readonly schemaReference: () => string
  readonly store: () => Promise<ProjectStore>
  /** Undefined when nothing was ever captured: reading alone makes no store. */
  readonly existingStore: () => Promise<ProjectStore | undefined>
  readonly newSessionId: () => string
  /** What git says of the project; undefined without a repository. */
  readonly codeState: () => Promise<CodeState | undefined>
  /** Tells of the files of the project that change; a Fault when there are too many to watch. */
  readonly watch: (listener: FolderListener) => Promise<Disposable>
  /** A file of the project by its path from the project's folder; undefined for what is not in it or not its own. */
  readonly fileInProject: (path: string) => string | undefined
  /** The backend of this name or URL; a URL is asked what it is. Faults as of its configuration and of the backend. */
  readonly source: (from: string) => Promise<OpenedSource>
  /** Whether the user trusts what tracespec.yaml sends beyond this machine. */
  readonly trust: () => Promise<Trust>
  readonly traceFile: (path: string) => Promise<SourceTrace>
  /** The same, part by part, for files that are larger than memory. */
  readonly traceParts: (path: string) => AsyncIterable<SourceTrace>
  readonly encodeAs: (form: TraceForm, known: SourceTrace) => Promise<Written>
  /** The spans as an OTLP request in protobuf. */
  readonly traceProtobuf: (spans: readonly Span[]) => Promise<Uint8Array>
  /** The spans as OTLP JSON. */
  readonly traceJson: (spans: readonly Span[]) => Promise<string>
  readonly execute: (options: ExecuteOptions) => Promise<RunOutcome>
  readonly receive: (options: ReceiveOptions) => Promise<Receiving>
}

export interface OpenedSource {
  readonly source: TraceSource & Disposable
  /** As the user calls it. */
  readonly name: string
  /** The address on this machine that was taken for a name that is not configured. */
  readonly assumed: string | undefined
}

export interface WireOptions {
  readonly cwd: string
  /** As `--project`. */
  readonly project: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** For commands alone, as a tool's caller gives them: they decide nothing of what is trusted, nor where secrets go. */
  readonly commandEnv?: Readonly<Record<string, string>>
}

/** Connects a project to its store, its spec folder, trace files and the runner. */
export function openWire(options: WireOptions): Wire {
  const { cwd, project: explicit, env, commandEnv } = options
  const project = findProject(cwd, explicit)
  let opening: Promise<ProjectStore & AsyncDisposable> | undefined
  const store = (): Promise<ProjectStore> => (opening ??= openProjectStore(project, env))
  return {
    project,
    cwd,
    now,
    newRunId: () => runIdAt(now()),
    isPath: (text) => existsSync(resolve(cwd, text)),
    specFolder: () => readSpecFolder(project),
    specAt: (path) => readSpecAt(project, cwd, path),
    writeNew: (path, text) => writeNew(project.root, path, text),
    writeSpec: async (write) => (await import('./project/write-spec.ts')).writeSpec(project, write),
    schemaReference: () => schemaReference(project),
    newSessionId: () => `s-${randomBytes(4).toString('hex')}`,
    watch: async (listener) =>
      (await import('./project/watch-folder.ts')).watchFolder(project.root, listener),
    codeState: async () => (await import('./project/code-state.ts')).readCodeState(project.root),
    fileInProject: (path) => fileInProject(project.root, path),
    source: async (from) => {
      if (isUrl(from)) return openUrl(from)
      const file = resolve(cwd, from)
      if (!isBackendName(from, project) && existsSync(file)) return openPath(file, from)
      return openBackend(from, { project, env })
    },
    trust: async () => (await import('./project/trust.ts')).trustIn({ ...project, env }),
    store,
    existingStore: async () =>
      project.config.store !== undefined || existsSync(project.storeFolder) ? store() : undefined,
    traceFile: async (path) => {
      const { readTraceFile } = await import('./sources/file.ts')
      return readTraceFile(path === '-' ? path : resolve(cwd, path))
    },
    traceParts: (path) => traceParts(path === '-' ? path : resolve(cwd, path)),
    encodeAs: async (form, known) => (await import('./sources/encode-as.ts')).encodeAs(form, known),
    traceProtobuf: async (spans) => (await import('./otlp/encode.ts')).encodeTraces(spans),
    traceJson: async (spans) => (await import('./otlp/encode.ts')).encodeTracesJson(spans),
    execute: async (options) =>
      execute(options, { cwd, env: { ...env, ...commandEnv }, store: await store() }),
    receive: async (asked) => (await import('./receiver/receive.ts')).receive(asked, await store()),
    async [Symbol.asyncDispose]() {
      // that it cannot be opened is told to whoever asks for it
      const [opened] = await Promise.allSettled(opening === undefined ? [] : [opening])
      if (opened?.status === 'fulfilled') await opened.value[Symbol.asyncDispose]()
    },
  }
}

/** Of files that are read in parts. */
const maxImportBytes = 8 * 2 ** 30

async function* traceParts(path: string): AsyncGenerator<SourceTrace> {
  const { readTraceParts } = await import('./sources/file-parts.ts')
  yield* readTraceParts(path, { maxBytes: maxImportBytes })
}

/** Of any scheme: what is no address of a backend is refused without being repeated, for it may hold a password. */
function isUrl(from: string): boolean {
  return /^(https?|grpcs?):|^[a-z][\w+.-]*:\/\//i.test(from)
}

/** A name that is configured, or that of a kind, wins against a file. */
function isBackendName(from: string, { config }: Project): boolean {
  return /^\w+$/.test(from) || config.backends.some(({ name }) => name === from)
}

async function openPath(path: string, name: string): Promise<OpenedSource> {
  const { openFile } = await import('./sources/file.ts')
  return { source: openFile(path), name, assumed: undefined }
}

/** The most bytes of one answer of a backend, decompressed. */
const maxAnswerBytes = 256 * 1024 * 1024

/** Without any header: what a user names has nothing of what the project knows. */
async function openUrl(from: string): Promise<OpenedSource> {
  const { endpointUrl } = await import('./project/endpoint-url.ts')
  const { defaultTimeoutMs } = await import('./project/backends.ts')
  const url = endpointUrl(from, 'what --from names')
  const endpoint = {
    url,
    headers: {},
    tls: undefined,
    timeoutMs: defaultTimeoutMs,
    maxBytes: maxAnswerBytes,
  }
  const kind = url.protocol.startsWith('grpc') ? 'jaeger' : await kindOf(endpoint)
  return { source: await openSource(kind, endpoint), name: from, assumed: undefined }
}

async function kindOf(endpoint: Endpoint): Promise<ProbedKind> {
  const { openHttp } = await import('./sources/http.ts')
  const { probe } = await import('./sources/probe.ts')
  using http = openHttp(endpoint)
  return await probe(endpoint.url, http)
}

async function openBackend(
  from: string,
  {
    project: { root, config },
    env,
  }: { readonly project: Project; readonly env: WireOptions['env'] },
): Promise<OpenedSource> {
  const { backendNamed } = await import('./project/backends.ts')
  const { isCloud } = await import('./project/cloud-kinds.ts')
  const backend = backendNamed(from, { root, config, env })
  const { name, kind, url, headers, tls, timeoutMs, isAssumed } = backend
  const endpoint = { url, headers, tls, timeoutMs, maxBytes: maxAnswerBytes }
  return {
    source: isCloud(kind)
      ? await openCloud(kind, backend)
      : await openSource(kind, endpoint, backend),
    name,
    assumed: isAssumed ? url.origin : undefined,
  }
}

/** The cloud's own address unless the configuration names another. */
async function openCloud(
  kind: CloudKind,
  { url, cloud, tls, timeoutMs }: Backend,
): Promise<TraceSource & Disposable> {
  const { place, bearer, isUsual = true } = cloud ?? {}
  const access = { endpoint: isUsual ? undefined : url, bearer, ca: tls?.ca, timeoutMs }
  switch (kind) {
    case 'xray':
      return (await import('./sources/xray.ts')).openXray({ ...access, region: place })
    case 'cloud-trace': {
      const { openCloudTrace } = await import('./sources/cloud-trace.ts')
      return openCloudTrace({ ...access, project: place ?? '' })
    }
    case 'azure-monitor': {
      const { openAzureMonitor } = await import('./sources/azure-monitor.ts')
      return openAzureMonitor({ ...access, workspace: place ?? '' })
    }
  }
}

async function openSource(
  kind: ProbedKind,
  endpoint: Endpoint,
  asked: ClickHouseOptions & Pick<JaegerOptions, 'protocol'> = {},
): Promise<TraceSource & Disposable> {
  switch (kind) {
    case 'jaeger':
      return (await import('./sources/jaeger.ts')).openJaeger(endpoint, {
        protocol: asked.protocol,
      })
    case 'zipkin':
      return (await import('./sources/zipkin.ts')).openZipkin(endpoint)
    case 'tempo':
      return (await import('./sources/tempo.ts')).openTempo(endpoint)
    case 'clickhouse':
      return (await import('./sources/clickhouse.ts')).openClickHouse(endpoint, asked)
  }
}

/** The store that tracespec.yaml names, else the project's own. */
async function openProjectStore(
  { root, config, storeFolder }: Project,
  env: WireOptions['env'],
): Promise<ProjectStore & AsyncDisposable> {
  const url =
    config.store === undefined
      ? undefined
      : (await import('./project/shared-store.ts')).sharedStoreUrl({ root, config, env })
  if (url === undefined)
    return (await import('./store/store.ts')).openStore({ folder: storeFolder })
  const { openPostgresStore } = await import('./store/postgres/store.ts')
  const { sharedOwner } = await import('./project/shared-owner.ts')
  return openPostgresStore({ url, ...(await sharedOwner(root)) })
}

interface Around {
  readonly cwd: string
  readonly env: WireOptions['env']
  readonly store: RunStore
}

/** One command with a receiver of its own, which is closed when nothing more can come. */
async function execute(options: ExecuteOptions, around: Around): Promise<RunOutcome> {
  const { runCommand } = await import('./runner/run-command.ts')
  const { listen } = await import('./receiver/listen.ts')
  const { runId, timeoutMs, parent, forward, onForwarded, ...asked } = options
  const forwarder =
    forward === undefined
      ? undefined
      : (await import('./receiver/forward.ts')).openForwarder({ url: forward, headers: {} })
  const sink = forwarder?.through(around.store) ?? around.store
  await using receiver = await listen({ sink, runId })
  const outcome = await runCommand({
    ...asked,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    cwd: around.cwd,
    env: around.env,
    endpoint: receiver.url,
    runId,
    root: { ...ownRootOf(runId), ...parent },
    receiver,
    signals: options.signals ?? process,
    now,
  })
  if (forwarder !== undefined) onForwarded?.(await forwarder.close())
  return outcome
}

/**
 * The span of tracespec that TRACEPARENT names in a run, with the trace that it has when the run continues no other, and the trace of
 * its requests that ask whether a server is ready: derived from the run's id, so that every reader knows them.
 */
export function ownRootOf(runId: string): {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly readyTraceId: TraceId
} {
  const own = digestOf(`tracespec.run ${runId}`)
  const traceId = parseTraceId(own.slice(0, 32))
  const spanId = parseSpanId(own.slice(32, 48))
  const readyTraceId = parseTraceId(digestOf(`tracespec.ready ${runId}`).slice(0, 32))
  if (traceId === undefined || spanId === undefined || readyTraceId === undefined) {
    throw new RangeError('an id of zeros')
  }
  return { traceId, spanId, readyTraceId }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function now(): Nanos {
  return nanosOf(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)))
}
