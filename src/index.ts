export type { SpanId, TraceId } from './trace/ids.ts'
export type { Nanos } from './trace/time.ts'
export type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from './trace/span.ts'
export type { Defect, SpanIndex, Trace } from './trace/trace.ts'
export type { EvidenceReason, LossyEnd, RunEvidence } from './trace/evidence.ts'
export type { FaultCode } from './trace/fault.ts'
export type { DecodedTraces } from './otlp/decode.ts'
export type { ParsedSpec } from './spec/parse.ts'
export type { Expectation, SourceRange, Spec, SpecIssue, SpecIssueCode } from './spec/spec.ts'
export type { Observation, SpecFile, VerifyOptions } from './verify/observation.ts'
export type { Bounded, Finding, SpanRef, SpecResult, Status } from './verify/result.ts'
export { Fault } from './trace/fault.ts'
export { parseSpanId, parseTraceId } from './trace/ids.ts'
export { nanosOf } from './trace/time.ts'
export { buildTrace, buildTraces } from './trace/tree.ts'
export { decodeTraces } from './otlp/decode.ts'
export { encodeTraces, encodeTracesJson } from './otlp/encode.ts'
export { decodeTracesText } from './otlp/read-file.ts'
export { caretOf } from './spec/caret.ts'
export { parseSpec } from './spec/parse.ts'
export { verify } from './verify/verify.ts'
