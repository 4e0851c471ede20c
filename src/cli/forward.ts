import { Fault } from '../trace/fault.ts'
import type { ForwardFacts } from '../trace/ports.ts'

/** Where docker-compose.jaeger.yml lets Jaeger receive: the usual port is left to programs under test. */
export const JAEGER_OTLP = 'http://127.0.0.1:14318'

/** What `--forward` names; undefined without it. */
export function forwardTarget(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  if (text === 'jaeger') return new URL(JAEGER_OTLP)
  const url = URL.parse(text)
  const isPlain = url?.username === '' && url.password === ''
  if (url !== null && isPlain && /^https?:$/.test(url.protocol)) return url
  throw new Fault('USAGE', '--forward takes jaeger or a URL of OTLP over HTTP', {
    hint: `as in: --forward http://127.0.0.1:4318; jaeger means ${JAEGER_OTLP}`,
  })
}

/** What became of what was passed on, as a line for standard error. */
export function forwardedNote({ target, sent, lost, problem }: ForwardFacts): string {
  const passed = `tracespec: ${sent} requests were passed on to ${target}`
  if (lost === 0) return `${passed}\n`
  return `${passed}, ${lost} were not (${problem ?? 'no reason is known'}); nothing is lost here\n`
}
