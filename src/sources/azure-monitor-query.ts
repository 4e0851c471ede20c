import type { TraceId } from '../trace/ids.ts'
import type { TraceQuery } from '../trace/query.ts'
import { placeOf } from './found-traces.ts'

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/apprequests and its neighbours, otelspans

const start = "format_datetime(TimeGenerated, 'yyyy-MM-ddTHH:mm:ss.fffffff')"
const own = `TraceId = OperationId, ParentId, Start = ${start}, Role = AppRoleName, Properties = tostring(Properties)`

/** All rows of these traces in one form; tables that a workspace does not have are left out. */
export function rowsQuery(ids: readonly TraceId[]): string {
  const list = ids.map((id) => `"${id}"`).join(', ')
  return `union isfuzzy=true
(AppRequests | where OperationId in (${list}) | project Row = "request", ${own}, Id, Name, DurationMs, Success, ResultCode, Data = Url),
(AppDependencies | where OperationId in (${list}) | project Row = "dependency", ${own}, Id, Name, DurationMs, Success, ResultCode, Data, Kind = DependencyType),
(AppExceptions | where OperationId in (${list}) | project Row = "exception", ${own}, Name = ExceptionType, Data = OuterMessage),
(AppTraces | where OperationId in (${list}) | project Row = "event", ${own}, Name = Message),
(OTelSpans | where TraceId in (${list}) | project Row = "span", TraceId, ParentId = ParentSpanId, Start = ${start}, Role = ServiceName, Properties = tostring(Attributes), Id = SpanId, Name, DurationMs, ResultCode = StatusCode, Data = StatusMessage, Kind, Resource = tostring(ResourceAttributes), Scope = ScopeName, Version = ScopeVersion, DroppedAttributes = DroppedAttributesCount, DroppedEvents = DroppedEventsCount, DroppedLinks = DroppedLinksCount)`
}

/** The ids of the traces with a span that may be meant, newest first. */
export function idsQuery(query: TraceQuery, limit: number): string {
  const conditions = (role: string, failed: string): string =>
    conditionsOf(query, role, failed)
      .map((condition) => ` | where ${condition}`)
      .join('')
  const classic = `${conditions('AppRoleName', 'Success == false')} | project TraceId = OperationId, TimeGenerated`
  return `union isfuzzy=true
(AppRequests${classic}),
(AppDependencies${classic}),
(OTelSpans${conditions('ServiceName', 'StatusCode =~ "Error"')} | project TraceId, TimeGenerated)
| where TraceId matches regex "^[0-9a-fA-F]{32}$"
| summarize Latest = max(TimeGenerated) by TraceId
| top ${limit} by Latest desc
| project TraceId`
}

/** What is asked never leaves out what is wanted: a namespace stands before the name of a service, and times are cut. */
function conditionsOf(query: TraceQuery, role: string, failed: string): readonly string[] {
  const { service, operation, from, to, minDuration, maxDuration, status, cursor } = query
  const before = cursor === undefined ? undefined : placeOf(cursor).start + hour
  return [
    ...(service === undefined ? [] : [`${role} endswith_cs ${quoted(service)}`]),
    ...(operation === undefined ? [] : [`Name == ${quoted(operation)}`]),
    ...(from === undefined ? [] : [`TimeGenerated >= ${timeOf(from - milli)}`]),
    ...(to === undefined ? [] : [`TimeGenerated <= ${timeOf(to + milli)}`]),
    ...(before === undefined ? [] : [`TimeGenerated <= ${timeOf(before)}`]),
    ...(minDuration === undefined ? [] : [`DurationMs >= ${minDuration / milli - 1n}`]),
    ...(maxDuration === undefined ? [] : [`DurationMs <= ${maxDuration / milli + 1n}`]),
    ...(status === 'error' ? [failed] : []),
  ]
}

const milli = 1_000_000n
const hour = 3_600_000_000_000n

/** A text of which no character is read as the language (https://learn.microsoft.com/kusto/query/base64-decode-tostring-function). */
function quoted(text: string): string {
  return `base64_decode_tostring("${Buffer.from(text, 'utf8').toString('base64')}")`
}

function timeOf(time: bigint): string {
  return `datetime(${new Date(Number(time / milli)).toISOString()})`
}
