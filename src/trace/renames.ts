import type { SpanKind } from './span.ts'

/**
 * Attributes that OpenTelemetry renamed without changing their meaning: each row is one attribute, its current name first.
 * opentelemetry.io/docs/specs/semconv/ (the migration guides of http, database, messaging, rpc, code and gen-ai).
 */
const ROWS: readonly (readonly string[])[] = [
  ['http.request.method', 'http.method'],
  ['http.response.status_code', 'http.status_code'],
  ['http.request.body.size', 'http.request_content_length'],
  ['http.response.body.size', 'http.response_content_length'],
  ['url.full', 'http.url'],
  ['url.scheme', 'http.scheme'],
  ['user_agent.original', 'http.user_agent'],
  ['client.address', 'http.client_ip'],
  ['network.protocol.name', 'net.protocol.name', 'net.app.protocol.name'],
  ['network.protocol.version', 'net.protocol.version', 'http.flavor'],
  ['network.peer.address', 'net.sock.peer.addr', 'net.peer.ip'],
  ['network.peer.port', 'net.sock.peer.port'],
  ['network.local.address', 'net.sock.host.addr'],
  ['network.local.port', 'net.sock.host.port'],
  ['db.system.name', 'db.system'],
  ['db.namespace', 'db.name'],
  ['db.query.text', 'db.statement'],
  ['db.operation.name', 'db.operation'],
  ['db.collection.name', 'db.sql.table', 'db.mongodb.collection', 'db.cassandra.table'],
  ['messaging.destination.name', 'messaging.destination'],
  ['messaging.message.id', 'messaging.message_id'],
  ['messaging.message.conversation_id', 'messaging.conversation_id'],
  [
    'messaging.consumer.group.name',
    'messaging.kafka.consumer.group',
    'messaging.kafka.consumer_group',
  ],
  ['messaging.operation.type', 'messaging.operation'],
  ['gen_ai.provider.name', 'gen_ai.system'],
  ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
  ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
  ['deployment.environment.name', 'deployment.environment'],
  ['code.file.path', 'code.filepath'],
  ['code.line.number', 'code.lineno'],
  ['faas.invocation_id', 'faas.execution'],
]

/** On a caller the old `net.peer.*` is the server; on a server it was `net.host.*`. */
const CALLER_ROWS: readonly (readonly string[])[] = [
  ['server.address', 'net.peer.name'],
  ['server.port', 'net.peer.port'],
]
const SERVER_ROWS: readonly (readonly string[])[] = [
  ['server.address', 'net.host.name'],
  ['server.port', 'net.host.port'],
  ['client.address', 'net.peer.name'],
  ['client.port', 'net.peer.port'],
]

const onCallers = otherNames([...ROWS, ...CALLER_ROWS])
const onServers = otherNames([...ROWS, ...SERVER_ROWS])

/** The other names that an attribute of a span of this kind has had; empty when it was never renamed. */
export function renamesOf(name: string, kind: SpanKind): readonly string[] {
  const bySide = kind === 'server' || kind === 'consumer' ? onServers : onCallers
  return bySide.get(name) ?? NONE
}

const NONE: readonly string[] = []

function otherNames(rows: readonly (readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const row of rows) {
    for (const name of row) {
      names.set(name, [...(names.get(name) ?? []), ...row.filter((other) => other !== name)])
    }
  }
  return names
}
