// The messages of opentelemetry-proto 1.11 for traces, logs and metrics, by their JSON names.
// https://github.com/open-telemetry/opentelemetry-proto/tree/v1.11.0/opentelemetry/proto

/** `id` is a byte string that JSON writes in hex; all other bytes are base64 there. */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'id'
  | 'bool'
  | 'enum'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'double'

/** How protobuf writes each: 0 varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes. */
export const wireTypes: Readonly<Record<Scalar, number>> = {
  string: 2,
  bytes: 2,
  id: 2,
  bool: 0,
  enum: 0,
  int32: 0,
  sint32: 0,
  uint32: 0,
  fixed32: 5,
  int64: 0,
  uint64: 0,
  fixed64: 1,
  sfixed64: 1,
  double: 1,
}

export interface Field {
  readonly number: number
  readonly type: Scalar | (() => Message)
  readonly isRepeated: boolean
  /** A default value that is set differs from one that is not: members of a oneof and `optional` fields. */
  readonly hasPresence: boolean
  /** What older senders call it. */
  readonly oldName?: string
  /** The names that some JSON writers put in the place of the numbers of an enum, by number. */
  readonly enumNames?: readonly string[]
}

export type Message = ReadonlyMap<string, Field>

type Kind = Field['type']
type Extra = Pick<Field, 'oldName' | 'enumNames'>

function one(number: number, type: Kind, extra: Extra = {}): Field {
  return { number, type, isRepeated: false, hasPresence: false, ...extra }
}

function present(number: number, type: Kind): Field {
  return { number, type, isRepeated: false, hasPresence: true }
}

function many(number: number, type: Kind, extra: Extra = {}): Field {
  return { number, type, isRepeated: true, hasPresence: false, ...extra }
}

function message(fields: Readonly<Record<string, Field>>): Message {
  return new Map(Object.entries(fields))
}

export const anyValue: Message = message({
  stringValue: present(1, 'string'),
  boolValue: present(2, 'bool'),
  intValue: present(3, 'int64'),
  doubleValue: present(4, 'double'),
  arrayValue: present(5, () => arrayValue),
  kvlistValue: present(6, () => keyValueList),
  bytesValue: present(7, 'bytes'),
  stringValueStrindex: present(8, 'int32'),
})
const arrayValue: Message = message({ values: many(1, () => anyValue) })
const keyValueList: Message = message({ values: many(1, () => keyValue) })
const keyValue: Message = message({
  key: one(1, 'string'),
  value: one(2, () => anyValue),
  keyStrindex: one(3, 'int32'),
})
const entityRef: Message = message({
  schemaUrl: one(1, 'string'),
  type: one(2, 'string'),
  idKeys: many(3, 'string'),
  descriptionKeys: many(4, 'string'),
})
const resource: Message = message({
  attributes: many(1, () => keyValue),
  droppedAttributesCount: one(2, 'uint32'),
  entityRefs: many(3, () => entityRef),
})
const scope: Message = message({
  name: one(1, 'string'),
  version: one(2, 'string'),
  attributes: many(3, () => keyValue),
  droppedAttributesCount: one(4, 'uint32'),
})

export const tracesData: Message = message({
  resourceSpans: many(1, () => resourceSpans, { oldName: 'batches' }),
})
export const resourceSpans: Message = message({
  resource: one(1, () => resource),
  scopeSpans: many(2, () => scopeSpans, { oldName: 'instrumentationLibrarySpans' }),
  schemaUrl: one(3, 'string'),
})
export const scopeSpans: Message = message({
  scope: one(1, () => scope, { oldName: 'instrumentationLibrary' }),
  spans: many(2, () => span),
  schemaUrl: one(3, 'string'),
})
const spanKinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const span: Message = message({
  traceId: one(1, 'id'),
  spanId: one(2, 'id'),
  traceState: one(3, 'string'),
  parentSpanId: one(4, 'id'),
  name: one(5, 'string'),
  kind: one(6, 'enum', { enumNames: spanKinds.map((name) => `SPAN_KIND_${name}`) }),
  startTimeUnixNano: one(7, 'fixed64'),
  endTimeUnixNano: one(8, 'fixed64'),
  attributes: many(9, () => keyValue),
  droppedAttributesCount: one(10, 'uint32'),
  events: many(11, () => spanEvent),
  droppedEventsCount: one(12, 'uint32'),
  links: many(13, () => spanLink),
  droppedLinksCount: one(14, 'uint32'),
  status: one(15, () => status),
  flags: one(16, 'fixed32'),
})
const spanEvent: Message = message({
  timeUnixNano: one(1, 'fixed64'),
  name: one(2, 'string'),
  attributes: many(3, () => keyValue),
  droppedAttributesCount: one(4, 'uint32'),
})
const spanLink: Message = message({
  traceId: one(1, 'id'),
  spanId: one(2, 'id'),
  traceState: one(3, 'string'),
  attributes: many(4, () => keyValue),
  droppedAttributesCount: one(5, 'uint32'),
  flags: one(6, 'fixed32'),
})
const status: Message = message({
  message: one(2, 'string'),
  code: one(3, 'enum', { enumNames: ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] }),
})

export const logsData: Message = message({ resourceLogs: many(1, () => resourceLogs) })
const resourceLogs: Message = message({
  resource: one(1, () => resource),
  scopeLogs: many(2, () => scopeLogs),
  schemaUrl: one(3, 'string'),
})
const scopeLogs: Message = message({
  scope: one(1, () => scope),
  logRecords: many(2, () => logRecord),
  schemaUrl: one(3, 'string'),
})
export const logRecord: Message = message({
  timeUnixNano: one(1, 'fixed64'),
  severityNumber: one(2, 'enum'),
  severityText: one(3, 'string'),
  body: one(5, () => anyValue),
  attributes: many(6, () => keyValue),
  droppedAttributesCount: one(7, 'uint32'),
  flags: one(8, 'fixed32'),
  traceId: one(9, 'id'),
  spanId: one(10, 'id'),
  observedTimeUnixNano: one(11, 'fixed64'),
  eventName: one(12, 'string'),
})

export const metricsData: Message = message({ resourceMetrics: many(1, () => resourceMetrics) })
const resourceMetrics: Message = message({
  resource: one(1, () => resource),
  scopeMetrics: many(2, () => scopeMetrics),
  schemaUrl: one(3, 'string'),
})
const scopeMetrics: Message = message({
  scope: one(1, () => scope),
  metrics: many(2, () => metric),
  schemaUrl: one(3, 'string'),
})
export const metric: Message = message({
  name: one(1, 'string'),
  description: one(2, 'string'),
  unit: one(3, 'string'),
  gauge: present(5, () => gauge),
  sum: present(7, () => sum),
  histogram: present(9, () => histogram),
  exponentialHistogram: present(10, () => exponentialHistogram),
  summary: present(11, () => summary),
  metadata: many(12, () => keyValue),
})
const gauge: Message = message({ dataPoints: many(1, () => numberDataPoint) })
const sum: Message = message({
  dataPoints: many(1, () => numberDataPoint),
  aggregationTemporality: one(2, 'enum'),
  isMonotonic: one(3, 'bool'),
})
const histogram: Message = message({
  dataPoints: many(1, () => histogramDataPoint),
  aggregationTemporality: one(2, 'enum'),
})
const exponentialHistogram: Message = message({
  dataPoints: many(1, () => exponentialHistogramDataPoint),
  aggregationTemporality: one(2, 'enum'),
})
const summary: Message = message({ dataPoints: many(1, () => summaryDataPoint) })
const numberDataPoint: Message = message({
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  asDouble: present(4, 'double'),
  exemplars: many(5, () => exemplar),
  asInt: present(6, 'sfixed64'),
  attributes: many(7, () => keyValue),
  flags: one(8, 'uint32'),
})
const histogramDataPoint: Message = message({
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: present(5, 'double'),
  bucketCounts: many(6, 'fixed64'),
  explicitBounds: many(7, 'double'),
  exemplars: many(8, () => exemplar),
  attributes: many(9, () => keyValue),
  flags: one(10, 'uint32'),
  min: present(11, 'double'),
  max: present(12, 'double'),
})
const exponentialHistogramDataPoint: Message = message({
  attributes: many(1, () => keyValue),
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: present(5, 'double'),
  scale: one(6, 'sint32'),
  zeroCount: one(7, 'fixed64'),
  positive: one(8, () => buckets),
  negative: one(9, () => buckets),
  flags: one(10, 'uint32'),
  exemplars: many(11, () => exemplar),
  min: present(12, 'double'),
  max: present(13, 'double'),
  zeroThreshold: one(14, 'double'),
})
const buckets: Message = message({
  offset: one(1, 'sint32'),
  bucketCounts: many(2, 'uint64'),
})
const summaryDataPoint: Message = message({
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  quantileValues: many(6, () => valueAtQuantile),
  attributes: many(7, () => keyValue),
  flags: one(8, 'uint32'),
})
const valueAtQuantile: Message = message({
  quantile: one(1, 'double'),
  value: one(2, 'double'),
})
const exemplar: Message = message({
  timeUnixNano: one(2, 'fixed64'),
  asDouble: present(3, 'double'),
  spanId: one(4, 'id'),
  traceId: one(5, 'id'),
  asInt: present(6, 'sfixed64'),
  filteredAttributes: many(7, () => keyValue),
})
