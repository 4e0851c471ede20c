import type {
  CaptureFacts,
  Diagnosis,
  DiagnosisFix,
  DiagnosisLayer,
  ExporterFacts,
  NodeFacts,
  ProcessFacts,
} from '../trace/diagnosis.ts'
import { observations } from './diagnosis-observations.ts'

type Cause = Pick<Diagnosis, 'layer' | 'likely' | 'fix'>

/**
 * Says why a run brought no span. What was itself observed goes before what is likely, and how a program is set up before how it
 * ended: flushing in time does not help a program that exports to a console.
 */
export function diagnose(facts: CaptureFacts): Diagnosis {
  const causes = [refused, wrongProtocol, setUpInProgram, kept, switchedOff, elsewhere, cutShort]
  const cause = firstOf(causes, facts) ?? withoutSdk(facts)
  return { ...cause, observations: observations(facts) }
}

function firstOf(
  causes: readonly ((facts: CaptureFacts) => Cause | undefined)[],
  facts: CaptureFacts,
): Cause | undefined {
  for (const causeIn of causes) {
    const cause = causeIn(facts)
    if (cause !== undefined) return cause
  }
  return undefined
}

function refused({ receiver }: CaptureFacts): Cause | undefined {
  const request = receiver.requests.find(
    ({ signal, status }) => (signal === 'traces' || signal === 'other') && status >= 400,
  )
  if (request !== undefined) {
    return seen('refused', { code: 'correct_requests', status: request.status })
  }
  return receiver.rejected_spans > 0
    ? seen('refused', { code: 'correct_requests', status: 200 })
    : undefined
}

function wrongProtocol({ receiver }: CaptureFacts): Cause | undefined {
  if (receiver.tls_connections === 0) return undefined
  return seen('wrong_protocol', { code: 'connect_without_tls' })
}

/** What the preload read from a tracer provider of the program: these are observations. */
function setUpInProgram(facts: CaptureFacts): Cause | undefined {
  for (const node of providers(facts)) {
    const cause = otherTarget(node, facts) ?? sampledOut(node, facts)
    if (cause !== undefined) return cause
  }
  return undefined
}

function otherTarget(node: NodeFacts, facts: CaptureFacts): Cause | undefined {
  const cause = otherExporter(node, facts) ?? otherEndpoint(node, facts)
  return cause !== undefined && readsConfigFile(node, facts)
    ? seen('config_file', { code: 'unset_variable', name: 'OTEL_CONFIG_FILE' })
    : cause
}

/** Which packages were loaded is not known of a program of ES modules alone. */
function readsConfigFile({ packages }: NodeFacts, { config_file }: CaptureFacts): boolean {
  const reads = packages.length === 0 || packages.includes('@opentelemetry/configuration')
  return config_file && reads
}

function otherExporter(node: NodeFacts, facts: CaptureFacts): Cause | undefined {
  if (node.exporters.some(isOtlp) || node.spans_waiting === null) return undefined
  const names = facts.kept_variables.filter((name) => name === 'OTEL_TRACES_EXPORTER')
  const instead_of = node.exporters.map(({ name }) => name)
  return seen('other_exporter', keepNot(names) ?? { code: 'add_otlp_exporter', instead_of })
}

function otherEndpoint(node: NodeFacts, facts: CaptureFacts): Cause | undefined {
  const hosts = node.exporters.filter(isOtlp).flatMap(({ host }) => host ?? [])
  if (hosts.length === 0 || hosts.some((host) => isSameHost(host, facts.endpoint))) return undefined
  const keptNames = facts.kept_variables.filter((name) => name.endsWith('_ENDPOINT'))
  const changed = node.changed_variables.filter((name) => name.endsWith('_ENDPOINT'))
  if (changed.length > 0) return seen('wrong_endpoint', { code: 'leave_variables', names: changed })
  return seen('wrong_endpoint', keepNot(keptNames) ?? { code: 'use_endpoint_variable', hosts })
}

function sampledOut(node: NodeFacts, facts: CaptureFacts): Cause | undefined {
  const { sampler } = node
  if (sampler === null) return undefined
  const names = facts.kept_variables.filter((name) => name === 'OTEL_TRACES_SAMPLER')
  const fix = keepNot(names) ?? { code: 'sample_always', sampler }
  const root = /^ParentBased\{root=([^,]*)/.exec(sampler)?.[1] ?? sampler
  if (/^AlwaysOff|^TraceIdRatioBased\{0\}/.test(root)) return seen('sampled_out', fix)
  return root.startsWith('TraceIdRatioBased') && node.spans_waiting === 0
    ? likely('sampled_out', fix)
    : undefined
}

/** Variables that `--keep-env` left alone, where no provider could be read that says more. */
function kept(facts: CaptureFacts): Cause | undefined {
  if (providers(facts).length > 0) return undefined
  const { kept_exporters, kept_sampler, kept_variables } = facts
  if (kept_exporters.length > 0 && !kept_exporters.includes('otlp')) {
    return likely('other_exporter', { code: 'do_not_keep', names: ['OTEL_TRACES_EXPORTER'] })
  }
  if (kept_sampler?.endsWith('always_off') === true) {
    return likely('sampled_out', { code: 'do_not_keep', names: ['OTEL_TRACES_SAMPLER'] })
  }
  const endpoints = keepNot(kept_variables.filter((name) => name.endsWith('_ENDPOINT')))
  return endpoints === undefined ? undefined : likely('wrong_endpoint', endpoints)
}

function switchedOff(facts: CaptureFacts): Cause | undefined {
  if (providers(facts).length > 0) return undefined
  if (facts.sdk_disabled) {
    return likely('sdk_disabled', { code: 'unset_variable', name: 'OTEL_SDK_DISABLED' })
  }
  return facts.config_file
    ? likely('config_file', { code: 'unset_variable', name: 'OTEL_CONFIG_FILE' })
    : undefined
}

function elsewhere(facts: CaptureFacts): Cause | undefined {
  const hosts = facts.argument_endpoints.filter((host) => !isSameHost(host, facts.endpoint))
  return hosts.length === 0
    ? undefined
    : likely('wrong_endpoint', { code: 'use_endpoint_variable', hosts })
}

/** Spans that were finished and not sent; after them, ends that may have taken such spans along. */
function cutShort(facts: CaptureFacts): Cause | undefined {
  const holder = facts.processes.find(
    ({ node }) => node !== null && ((node.spans_waiting ?? 0) > 0 || node.exporting),
  )
  if (holder !== undefined) return seen('killed_before_flush', endFix(holder, facts))
  const [main] = facts.processes.filter((process) => process.main)
  if (facts.receiver.cut_requests > 0 && main !== undefined) {
    return seen('killed_before_flush', endFix(main, facts))
  }
  const killed = facts.processes.find(({ end }) => end === 'signal' || end === 'unseen')
  if (killed === undefined || (isNodeRun(facts) && !hasSdk(facts))) return undefined
  return likely('killed_before_flush', endFix(killed, facts))
}

function endFix(process: ProcessFacts, facts: CaptureFacts): DiagnosisFix {
  const { command, signal } = process
  if (facts.timed_out) return { code: 'raise_time_limit' }
  return process.end === 'exit'
    ? { code: 'flush_before_exit', command }
    : { code: 'end_normally', command, signal }
}

/** Nothing is wrong with how spans travel, so none were made, or by something that we cannot look into. */
function withoutSdk(facts: CaptureFacts): Cause {
  if (providers(facts).length > 0) {
    return likely('no_spans_made', { code: 'instrument_what_runs' })
  }
  if (!isNodeRun(facts)) return likely('never_connected', { code: 'check_exporter' })
  return hasSdk(facts)
    ? likely('sdk_not_started', { code: 'start_sdk' })
    : likely('no_sdk', { code: 'install_sdk' })
}

function seen(layer: DiagnosisLayer, fix: DiagnosisFix): Cause {
  return { layer, likely: false, fix }
}

function likely(layer: DiagnosisLayer, fix: DiagnosisFix): Cause {
  return { layer, likely: true, fix }
}

function keepNot(names: readonly string[]): DiagnosisFix | undefined {
  return names.length === 0 ? undefined : { code: 'do_not_keep', names }
}

function providers(facts: CaptureFacts): NodeFacts[] {
  return facts.processes.flatMap(({ node }) =>
    node === null || node.provider === null ? [] : [node],
  )
}

function isOtlp({ name, host }: ExporterFacts): boolean {
  return host !== null || /otlp/i.test(name)
}

/** The preload speaks for Node processes alone; a run without it may be anything. */
function isNodeRun(facts: CaptureFacts): boolean {
  return facts.processes.some(({ node, end }) => node !== null || end === 'unseen')
}

function hasSdk(facts: CaptureFacts): boolean {
  const names = [
    ...facts.packages.map(({ name }) => name),
    ...facts.processes.flatMap(({ node }) => node?.packages ?? []),
  ]
  return names.some((name) => /^@opentelemetry\/(?:sdk-|auto-instrumentations)/.test(name))
}

function isSameHost(host: string, endpoint: string): boolean {
  return host.replace(/^localhost:/, '127.0.0.1:') === endpoint.replace(/^localhost:/, '127.0.0.1:')
}
