import { compareTraceToSpec } from './compare-trace-to-spec.ts'
import { defineTraceSpec } from './define-trace-spec.ts'
import { executeAndCapture } from './execute-and-capture.ts'
import { getTraceById } from './get-trace-by-id.ts'
import { getTraceSpec } from './get-trace-spec.ts'
import { getTraces } from './get-traces.ts'
import { listTraceSpecs } from './list-trace-specs.ts'
import type { Tool } from './tool.ts'

/** What every host is told of, in this order, which prompt caches rely on. */
export const coreTools: readonly Tool[] = [
  defineTraceSpec,
  listTraceSpecs,
  getTraceSpec,
  executeAndCapture,
  compareTraceToSpec,
  getTraces,
  getTraceById,
]
