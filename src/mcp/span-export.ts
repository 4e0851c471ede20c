import type { Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-node'

export interface SpanExport {
  readonly tracer: Tracer
  readonly nextSpanId: (id: string) => void
  readonly end: () => Promise<void>
}

// A collector that is not there must not hold up a server that ends.
const EXPORT_MS = 2000

/** A provider for this server alone, configured by the variables of OpenTelemetry; nothing global is set. */
export function openSpanExport(version: string): SpanExport {
  const random = new RandomIdGenerator()
  let wanted: string | undefined
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'tracespec', 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(timeLimit()))],
    idGenerator: {
      generateTraceId: () => random.generateTraceId(),
      generateSpanId: () => {
        const id = wanted ?? random.generateSpanId()
        wanted = undefined
        return id
      },
    },
  })
  return {
    tracer: provider.getTracer('tracespec', version),
    nextSpanId: (id) => {
      wanted = id
    },
    // spans that nobody takes are no fault of the server
    end: () => provider.shutdown().catch(() => undefined),
  }
}

function timeLimit(): { readonly timeoutMillis?: number } {
  const { OTEL_EXPORTER_OTLP_TIMEOUT: all, OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: own } = process.env
  return all === undefined && own === undefined ? { timeoutMillis: EXPORT_MS } : {}
}
