'use strict'
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { resourceFromAttributes } = require('@opentelemetry/resources')
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')

/** Real HTTP instrumentation, exporting OTLP JSON to where OTEL_EXPORTER_OTLP_ENDPOINT says. */
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
provider.register()
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] })

module.exports = { tracer: provider.getTracer('recorded'), shutdown: () => provider.shutdown() }
