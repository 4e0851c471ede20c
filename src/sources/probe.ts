import type { Json } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { jsonOf, type HttpAnswer } from './http-answer.ts'
import { shownUrl } from './http-faults.ts'
import type { HttpClient } from './http.ts'

/** What answers at an address. */
export type ProbedKind = 'jaeger' | 'zipkin' | 'tempo' | 'clickhouse'

interface Question {
  readonly kind: ProbedKind
  readonly path: string
  readonly isAnswered: (answer: HttpAnswer) => boolean
}

/** In this order; each is answered so by one kind alone, also where a page answers every path. */
const questions: readonly Question[] = [
  {
    kind: 'jaeger',
    path: '/api/v3/services',
    isAnswered: (answer) => isObjectWith(jsonIn(answer), 'services'),
  },
  // before 1.35
  {
    kind: 'jaeger',
    path: '/api/services',
    isAnswered: (answer) => isObjectWith(jsonIn(answer), 'data'),
  },
  {
    kind: 'zipkin',
    path: '/api/v2/services',
    isAnswered: (answer) => Array.isArray(jsonIn(answer)),
  },
  { kind: 'tempo', path: '/api/echo', isAnswered: (answer) => textIn(answer) === 'echo' },
  { kind: 'clickhouse', path: '/ping', isAnswered: (answer) => textIn(answer) === 'Ok.' },
]

/** Asks an address what it is. A Fault SOURCE_INVALID when it is none of the kinds that are known, else those of HttpClient. */
export async function probe(url: URL, http: HttpClient, signal?: AbortSignal): Promise<ProbedKind> {
  for (const { kind, path, isAnswered } of questions) {
    const answer = await http.get(path, { accept: '*/*', signal })
    if (answer.status === 200 && isAnswered(answer)) return kind
  }
  throw new Fault(
    'SOURCE_INVALID',
    `${shownUrl(url)} answers, but not as Jaeger, Zipkin, Tempo or ClickHouse does`,
    { hint: 'name the address of its query API, or its type: in backends: of tracespec.yaml' },
  )
}

function jsonIn(answer: HttpAnswer): Json {
  try {
    return jsonOf(answer)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

function isObjectWith(json: Json, name: string): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && name in json
}

function textIn({ body }: HttpAnswer): string {
  return body.subarray(0, 100).toString('latin1').trim()
}
