import type * as Sdk from '@aws-sdk/client-xray'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { askCloud, loaded, type CloudAccess } from './cloud-client.ts'
import { chosen, placeOf, type Candidate } from './found-traces.ts'
import { traceIdOfXray, xrayTraceId } from './xray-segment.ts'
import { spansOfXray, xrayLosses } from './xray-spans.ts'

export interface XrayOptions extends Omit<CloudAccess, 'bearer' | 'ca'> {
  /** As `eu-central-1`; undefined for that of the environment or the profile. */
  readonly region: string | undefined
}

/**
 * Traces of AWS X-Ray by BatchGetTraces and GetTraceSummaries (https://docs.aws.amazon.com/xray/latest/api/), through the AWS SDK
 * with the credentials that its own chain finds. Tested against answers of the documentation, never against AWS. A search never has
 * all: X-Ray gives summaries of a window of time in no order.
 */
export async function openXray(options: XrayOptions): Promise<TraceSource & Disposable> {
  const sdk = await loaded(import('@aws-sdk/client-xray'), '@aws-sdk/client-xray', '3')
  const { region, endpoint } = options
  const client = new sdk.XRayClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint: endpoint.href }),
  })
  const xray: Xray = { sdk, client, options }
  return {
    capabilities: {
      kind: 'xray',
      losses: xrayLosses,
      pushesDown: ['service', 'time', 'duration'],
      needsService: false,
    },
    trace: async (id, signal) => (await readTraces(xray, [id], signal)).get(id),
    search: (query, signal) => search(xray, query, signal),
    [Symbol.dispose]: () => client.destroy(),
  }
}

interface Xray {
  readonly sdk: typeof Sdk
  readonly client: Sdk.XRayClient
  readonly options: XrayOptions
}

function ask<T>(
  { options: { endpoint, region, timeoutMs } }: Xray,
  signal: AbortSignal | undefined,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const url = endpoint ?? new URL(`https://xray.${region ?? 'region'}.amazonaws.com`)
  const credentials =
    'the AWS SDK looks into AWS_ACCESS_KEY_ID, AWS_PROFILE and AWS_REGION, its files and the machine'
  const asking = { cloud: 'AWS X-Ray', url, timeoutMs, credentials, signal }
  return askCloud(asking, (abortSignal) => send({ abortSignal }))
}

/** The most that one call may name. */
const maxIds = 5
/** Of pages of one question. */
const maxPages = 200

async function readTraces(
  xray: Xray,
  ids: readonly TraceId[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<TraceId, SourceTrace>> {
  const found: Found = new Map()
  for (let at = 0; at < ids.length; at += maxIds) {
    await readBatch(xray, { ids: ids.slice(at, at + maxIds), found, signal })
  }
  const traces = new Map<TraceId, SourceTrace>()
  for (const id of ids) {
    const { documents = [], cut } = found.get(xrayTraceId(id)) ?? {}
    if (documents.length === 0) continue
    const trace = readOf(() => spansOfXray(id, documents))
    if (trace.spans.length > 0) traces.set(id, { ...trace, cut: cut ?? trace.cut })
  }
  return traces
}

type Found = Map<string, { readonly documents: string[]; cut: string | undefined }>

interface Batch {
  readonly ids: readonly TraceId[]
  readonly found: Found
  readonly signal: AbortSignal | undefined
}

/** All pages of one question. */
async function readBatch(xray: Xray, { ids, found, signal }: Batch): Promise<void> {
  const TraceIds = ids.map(xrayTraceId)
  let NextToken: string | undefined
  for (let page = 0; page < maxPages; page += 1) {
    const input = { TraceIds, ...(NextToken !== undefined && { NextToken }) }
    const answer = await ask(xray, signal, (options) =>
      xray.client.send(new xray.sdk.BatchGetTracesCommand(input), options),
    )
    for (const { Id = '', Segments = [], LimitExceeded } of answer.Traces ?? []) {
      const trace = found.get(Id) ?? { documents: [], cut: undefined }
      trace.documents.push(...Segments.flatMap(({ Document }) => Document ?? []))
      if (LimitExceeded === true) trace.cut = 'the trace exceeds the size that X-Ray keeps'
      found.set(Id, trace)
    }
    NextToken = answer.NextToken === '' ? undefined : answer.NextToken
    if (NextToken === undefined) return
  }
  throw tooManyPages()
}

function readOf(read: () => SourceTrace): SourceTrace {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'TRACE_INVALID') throw cause
    throw new Fault('SOURCE_INVALID', cause.message, { cause })
  }
}

function tooManyPages(): Fault {
  return new Fault('SOURCE_INVALID', `AWS X-Ray answered with more than ${maxPages} pages`, {
    hint: 'what stands between here and AWS?',
  })
}

/** Traces that are read to choose from. */
const maxAsked = 100

async function search(
  xray: Xray,
  query: TraceQuery,
  signal: AbortSignal | undefined,
): Promise<TraceSearchAnswer> {
  const filter = filterOf(query)
  const window = windowOf(query)
  const ids = new Set<TraceId>()
  let NextToken: string | undefined
  let pages = 0
  do {
    const input = {
      ...window,
      TimeRangeType: 'Event' as const,
      Sampling: false,
      ...(filter !== '' && { FilterExpression: filter }),
      ...(NextToken !== undefined && { NextToken }),
    }
    const answer = await ask(xray, signal, (options) =>
      xray.client.send(new xray.sdk.GetTraceSummariesCommand(input), options),
    )
    for (const { Id = '' } of answer.TraceSummaries ?? []) {
      const id = traceIdOfXray(Id)
      if (id !== undefined) ids.add(id)
    }
    NextToken = answer.NextToken === '' ? undefined : answer.NextToken
    pages += 1
  } while (NextToken !== undefined && ids.size < maxAsked && pages < maxPages)
  const traces = await readTraces(xray, [...ids].slice(0, maxAsked), signal)
  const candidates: readonly Candidate[] = [...traces].map(([traceId, { spans }]) => ({
    traceId,
    spans,
  }))
  return chosen(candidates, query, { given: 'some' })
}

/**
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html: how a quote is written in a text is not documented,
 * so that such a name is only compared here. The duration is that of the trace, which is no shorter than that of a span.
 */
function filterOf({ service, minDuration }: TraceQuery): string {
  const isPlain = service !== undefined && /^[^"\\\p{Cc}]+$/u.test(service)
  const seconds = minDuration === undefined ? 0 : Number(minDuration / 1_000_000n) / 1000
  return [
    ...(isPlain ? [`service("${service}")`] : []),
    ...(seconds > 0 ? [`duration >= ${seconds}`] : []),
  ].join(' AND ')
}

const hour = 3_600_000_000_000n
/** X-Ray looks at no longer time at once. */
const longest = 6n * hour

/** When segments came in: from the begin that is asked for on, and an hour beyond the end, while spans were still running. */
function windowOf({ from, to, cursor }: TraceQuery): {
  readonly StartTime: Date
  readonly EndTime: Date
} {
  const now = BigInt(Date.now()) * 1_000_000n
  const ends = [
    now,
    ...[to, cursor === undefined ? undefined : placeOf(cursor).start].flatMap(later),
  ]
  const end = ends.reduce((least, one) => (one < least ? one : least))
  const begin = from === undefined || from < end - longest ? end - longest : from
  return { StartTime: dateOf(begin), EndTime: dateOf(nanosOf(end)) }
}

function later(time: Nanos | undefined): readonly bigint[] {
  return time === undefined ? [] : [time + hour]
}

function dateOf(time: bigint): Date {
  return new Date(Number(time / 1_000_000n))
}
