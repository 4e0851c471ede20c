/** As `emitter`, but in the trace and below the span that TRACEPARENT names. */
export function continuer(spans: readonly Emitted[]): string {
  return emitter(spans)
    .replace(
      /^const traceId = .*$/m,
      "const [, traceId, above] = process.env.TRACEPARENT.split('-')",
    )
    .replace(
      'span.parent === undefined ? {} :',
      'span.parent === undefined ? { parentSpanId: above } :',
    )
}

/** A program that sends the spans it is given, as plain OTLP JSON, and says what it is told to say. */
export function emitter(spans: readonly Emitted[], say: readonly string[] = []): string {
  return `
const spans = ${JSON.stringify(spans)}
const say = ${JSON.stringify(say)}
const hex = (number, length) => number.toString(16).padStart(length, '0')
const traceId = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => hex(byte, 2)).join('')
const start = BigInt(Date.now()) * 1000000n
const value = (text) => ({ stringValue: text })
const body = {
  resourceSpans: [{
    resource: { attributes: [{ key: 'service.name', value: value('emitter') }] },
    scopeSpans: [{ spans: spans.map((span, at) => ({
      traceId,
      spanId: hex(at + 1, 16),
      ...(span.parent === undefined ? {} : { parentSpanId: hex(span.parent + 1, 16) }),
      name: span.name,
      kind: 2,
      startTimeUnixNano: String(start + BigInt(at) * 1000n),
      endTimeUnixNano: String(start + 1000000000n - BigInt(at) * 1000n),
      attributes: Object.entries(span.attributes ?? {}).map(([key, text]) => ({ key, value: value(text) })),
      ...(span.error === undefined ? {} : { status: { code: 2, message: span.error } }),
    })) }],
  }],
}
const response = await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
  method: 'POST',
  headers: { 'content-type': 'application/json', connection: 'close' },
  body: JSON.stringify(body),
})
if (!response.ok) throw new Error('not accepted')
for (const line of say) console.log(line)
`
}

export interface Emitted {
  readonly name: string
  /** The position of the parent. */
  readonly parent?: number
  readonly attributes?: Readonly<Record<string, string>>
  /** The message of an error status. */
  readonly error?: string
}
