import type { cloudtrace_v1 } from '@googleapis/cloudtrace'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import { askCloud, loaded, statusOf, type CloudAccess } from './cloud-client.ts'
import { chosen, placeOf, type Candidate } from './found-traces.ts'
import { cloudTraceLosses, spansOfCloudTrace } from './cloud-trace-spans.ts'

export interface CloudTraceOptions extends Omit<CloudAccess, 'ca'> {
  /** Id of the project. */
  readonly project: string
}

/**
 * Traces of Google Cloud Trace by `projects.traces` of its API v1, the only one that reads
 * (https://cloud.google.com/trace/docs/reference/v1/rest), with a token or Application Default Credentials. Tested against answers
 * of the documentation, never against Google Cloud.
 */
export async function openCloudTrace(
  options: CloudTraceOptions,
): Promise<TraceSource & Disposable> {
  const { cloudtrace, auth } = await loaded(
    import('@googleapis/cloudtrace'),
    '@googleapis/cloudtrace',
    '3',
  )
  const { endpoint, bearer } = options
  const scopes = ['https://www.googleapis.com/auth/trace.readonly']
  const api = cloudtrace({
    version: 'v1',
    ...(endpoint !== undefined && { rootUrl: `${endpoint.href.replace(/\/+$/, '')}/` }),
    ...(bearer === undefined
      ? { auth: new auth.GoogleAuth({ scopes }) }
      : { headers: { authorization: `Bearer ${bearer}` } }),
  })
  const google: Google = { traces: api.projects.traces, options }
  return {
    capabilities: {
      kind: 'cloud_trace',
      losses: cloudTraceLosses,
      pushesDown: ['operation', 'time'],
      needsService: false,
    },
    trace: (id, signal) => readTrace(google, id, signal),
    search: (query, signal) => search(google, query, signal),
    page: (id) =>
      `https://console.cloud.google.com/traces/list?project=${encodeURIComponent(options.project)}&tid=${id}`,
    [Symbol.dispose]: () => undefined,
  }
}

interface Google {
  readonly traces: cloudtrace_v1.Resource$Projects$Traces
  readonly options: CloudTraceOptions
}

function ask<T>(
  { options: { endpoint, timeoutMs } }: Google,
  signal: AbortSignal | undefined,
  send: (options: { readonly signal: AbortSignal; readonly redirect: 'error' }) => Promise<T>,
): Promise<T> {
  const url = endpoint ?? new URL('https://cloudtrace.googleapis.com')
  const credentials =
    'auth: {bearer: TOKEN} of the backend, or Application Default Credentials: gcloud auth application-default login'
  return askCloud({ cloud: 'Google Cloud Trace', url, timeoutMs, credentials, signal }, (limit) =>
    send({ signal: limit, redirect: 'error' }),
  )
}

/** 404 stands for a trace that is not there, and for nothing else where the project is. */
async function readTrace(
  google: Google,
  id: TraceId,
  signal: AbortSignal | undefined,
): Promise<SourceTrace | undefined> {
  const params = { projectId: google.options.project, traceId: id }
  const trace = await ask(google, signal, async (options) => {
    try {
      return (await google.traces.get(params, options)).data
    } catch (cause) {
      if (statusOf(cause) === 404) return undefined
      throw cause
    }
  })
  const spans = trace?.spans ?? []
  return spans.length === 0 ? undefined : spansOfCloudTrace(id, spans)
}

/** The most of one page where whole traces are asked for. */
const pageSize = 100
const maxPages = 10

async function search(
  google: Google,
  query: TraceQuery,
  signal: AbortSignal | undefined,
): Promise<TraceSearchAnswer> {
  const candidates: Candidate[] = []
  let pageToken: string | undefined
  let pages = 0
  do {
    const params = {
      projectId: google.options.project,
      view: 'COMPLETE',
      orderBy: 'start desc',
      pageSize,
      ...timesOf(query),
      ...filterOf(query),
      ...(pageToken !== undefined && { pageToken }),
    }
    const { data } = await ask(google, signal, (options) => google.traces.list(params, options))
    for (const { traceId, spans = [] } of data.traces ?? []) {
      const id = parseTraceId(traceId ?? '')
      if (id === undefined || spans.length === 0) continue
      candidates.push({ traceId: id, spans: spansOfCloudTrace(id, spans).spans })
    }
    pageToken = data.nextPageToken ?? ''
    pages += 1
  } while (pageToken !== '' && pages < maxPages && candidates.length <= query.limit)
  const whole = query.cursor === undefined ? 'all' : 'rest'
  return chosen(candidates, query, { given: pageToken === '' ? whole : 'some' })
}

/** https://cloud.google.com/trace/docs/trace-filters: `+` asks for just this name; longer ones are cut in Cloud Trace. */
function filterOf({ operation }: TraceQuery): { readonly filter?: string } {
  if (operation === undefined || operation === '' || Buffer.byteLength(operation) > 126) return {}
  return { filter: `+span:"${operation.replaceAll(/["\\]/g, String.raw`\$&`)}"` }
}

const hour = 3_600_000_000_000n
/** What Cloud Trace keeps. */
const kept = 30n * 24n * hour

/** A trace lies around the span that is asked for. */
function timesOf({ from, to, cursor }: TraceQuery): {
  readonly startTime: string
  readonly endTime: string
} {
  const now = BigInt(Date.now()) * 1_000_000n
  const ends = [to, cursor === undefined ? undefined : placeOf(cursor).start].filter(
    (end) => end !== undefined,
  )
  const end = ends.reduce((least, one) => (one < least ? one : least), now) + hour
  const start = from === undefined ? end - kept : from - hour
  return { startTime: textOf(start), endTime: textOf(end) }
}

function textOf(time: bigint): string {
  return new Date(Number(time / 1_000_000n)).toISOString()
}
