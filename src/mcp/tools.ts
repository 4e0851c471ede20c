import type { Tool } from './tool.ts'

/**
 * The tools of the toolset `core`, in the order in which hosts are told of them, which prompt caches rely on. Each is loaded when
 * it is called: what hosts are told stands in `schema/mcp-tools.json`.
 */
export const coreTools: Readonly<Record<string, () => Promise<Tool>>> = {
  define_trace_spec: async () => (await import('./define-trace-spec.ts')).defineTraceSpec,
  list_trace_specs: async () => (await import('./list-trace-specs.ts')).listTraceSpecs,
  get_trace_spec: async () => (await import('./get-trace-spec.ts')).getTraceSpec,
  update_trace_spec: async () => (await import('./update-trace-spec.ts')).updateTraceSpec,
  execute_and_capture: async () => (await import('./execute-and-capture.ts')).executeAndCapture,
  compare_trace_to_spec: async () =>
    (await import('./compare-trace-to-spec.ts')).compareTraceToSpec,
  get_traces: async () => (await import('./get-traces.ts')).getTraces,
  get_trace_by_id: async () => (await import('./get-trace-by-id.ts')).getTraceById,
  analyze_trace: async () => (await import('./analyze-trace.ts')).analyzeTrace,
  create_development_session: async () =>
    (await import('./create-development-session.ts')).createDevelopmentSession,
  get_session_progress: async () => (await import('./get-session-progress.ts')).getSessionProgress,
  suggest_next_steps: async () => (await import('./suggest-next-steps.ts')).suggestNextSteps,
}

/** The tools of the toolset `analysis`, as `coreTools`. */
export const analysisTools: Readonly<Record<string, () => Promise<Tool>>> = {
  search_traces: async () => (await import('./search-traces.ts')).searchTraces,
  validate_trace_collection: async () =>
    (await import('./validate-trace-collection.ts')).validateTraceCollection,
}

/** Every tool by its name. */
export const allTools: Readonly<Record<string, () => Promise<Tool>>> = {
  ...coreTools,
  ...analysisTools,
}
