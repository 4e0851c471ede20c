import { Fault } from '../trace/fault.ts'

/** The usual port of each kind on this machine. */
export const localEndpoints: Readonly<
  Record<'jaeger' | 'zipkin' | 'tempo' | 'clickhouse', string>
> = {
  jaeger: 'http://127.0.0.1:16686',
  zipkin: 'http://127.0.0.1:9411',
  tempo: 'http://127.0.0.1:3200',
  clickhouse: 'http://127.0.0.1:8123',
}

/** The usual port of Jaeger's gRPC. */
export const localJaegerGrpc = 'grpc://127.0.0.1:16685'

const protocols: ReadonlySet<string> = new Set(['http:', 'https:', 'grpc:', 'grpcs:'])

/**
 * The base of a query API, over HTTP or gRPC. A Fault USAGE, which never repeats the text, for what is no such URL, and for one with
 * a user, a query or a fragment: what stands in a URL ends up in logs.
 */
export function endpointUrl(text: string, place: string): URL {
  const url = URL.parse(text)
  if (/^postgres(ql)?:/i.test(text)) {
    throw new Fault('USAGE', `${place} is the URL of a database`, {
      hint: 'a PostgreSQL database is a store: name it as store: in tracespec.yaml, and leave out --from',
    })
  }
  if (url === null || !protocols.has(url.protocol) || url.hostname === '') {
    throw new Fault('USAGE', `${place} is no http or https URL`, {
      hint: 'write it as https://jaeger.example.com or http://127.0.0.1:16686, for gRPC as grpcs: or grpc:',
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new Fault('USAGE', `${place} holds a user or a password`, { hint: secretHint })
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Fault('USAGE', `${place} holds more than a host, a port and a path`, {
      hint: secretHint,
    })
  }
  return url
}

const secretHint =
  'credentials belong in auth: or headers: of a backend in tracespec.yaml, as ${NAME}; what stands in a URL ends up in logs'

/**
 * Whether requests stay on this machine, by the name alone: a name that merely resolves to a loopback address may resolve to
 * another at the next time.
 */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
