import type { CaptureFacts, DiagnosisObservation, ProcessFacts } from '../trace/diagnosis.ts'

const MAX_PROCESSES = 10

/** What was seen of a run, from the receiver to the program. */
export function observations(facts: CaptureFacts): DiagnosisObservation[] {
  const shown = mostTelling(facts.processes)
  const rest = facts.processes.length - shown.length
  return [
    ...ofReceiver(facts),
    ...(facts.timed_out ? [{ code: 'time_limit' } as const] : []),
    ...shown.flatMap(ofProcess),
    ...(rest === 0 ? [] : [{ code: 'processes_not_shown', processes: rest } as const]),
    ...ofSettings(facts),
  ]
}

function ofReceiver({ receiver }: CaptureFacts): DiagnosisObservation[] {
  return [
    { code: 'connections', connections: receiver.connections },
    ...receiver.requests.map((request) => ({ code: 'requests', ...request }) as const),
    ...(receiver.grpc_connections === 0
      ? []
      : [{ code: 'grpc_preface', connections: receiver.grpc_connections } as const]),
    ...(receiver.tls_connections === 0
      ? []
      : [{ code: 'tls_hello', connections: receiver.tls_connections } as const]),
    ...(receiver.cut_requests === 0
      ? []
      : [{ code: 'cut_requests', requests: receiver.cut_requests } as const]),
  ]
}

/** Those with a tracer provider, the command itself, then the others. */
function mostTelling(processes: readonly ProcessFacts[]): ProcessFacts[] {
  const rank = ({ main, node }: ProcessFacts): number => {
    if (node !== null && node.provider !== null) return 0
    return main ? 1 : 2
  }
  return processes.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_PROCESSES)
}

function ofProcess(process: ProcessFacts): DiagnosisObservation[] {
  const { pid, command, end, exit_code, signal } = process
  return [{ code: 'process_ended', pid, command, end, exit_code, signal }, ...ofProvider(process)]
}

function ofProvider({ pid, main, node }: ProcessFacts): DiagnosisObservation[] {
  if (node === null) return []
  const changed: DiagnosisObservation[] =
    node.changed_variables.length === 0
      ? []
      : [{ code: 'changed_variables', pid, names: node.changed_variables }]
  if (node.provider === null) {
    return main || node.packages.length > 0 ? [{ code: 'no_provider', pid }, ...changed] : []
  }
  return [
    { code: 'provider', pid, name: node.provider },
    ...(node.sampler === null ? [] : [{ code: 'sampler', pid, name: node.sampler } as const]),
    ...node.exporters.map((exporter) => ({ code: 'exporter', pid, ...exporter }) as const),
    ...(node.spans_waiting === null
      ? []
      : [{ code: 'spans_waiting', pid, spans: node.spans_waiting } as const]),
    ...(node.exporting ? [{ code: 'export_unfinished', pid } as const] : []),
    ...changed,
  ]
}

function ofSettings(facts: CaptureFacts): DiagnosisObservation[] {
  const { kept_sampler } = facts
  return [
    { code: 'otel_variables', names: facts.otel_variables },
    ...(facts.kept_variables.length === 0
      ? []
      : [{ code: 'kept_variables', names: facts.kept_variables } as const]),
    ...(facts.kept_exporters.length === 0
      ? []
      : [{ code: 'kept_exporters', names: facts.kept_exporters } as const]),
    ...(kept_sampler === null ? [] : [{ code: 'kept_sampler', name: kept_sampler } as const]),
    ...(facts.argument_endpoints.length === 0
      ? []
      : [{ code: 'argument_endpoints', hosts: facts.argument_endpoints } as const]),
    { code: 'packages', packages: facts.packages },
  ]
}
