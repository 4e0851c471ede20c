import { Fault } from '../trace/fault.ts'
import type { HttpAnswer } from './http-answer.ts'

/** An answer of a status that says that there is none, with the first line of what it says beside. */
export function unexpected({ status, from, body }: HttpAnswer): Fault {
  const [line = ''] = body
    .subarray(0, 4096)
    .toString('utf8')
    .trimStart()
    .split(/[\r\n]/, 1)
  const said = line === '' ? '' : `: ${JSON.stringify(line.slice(0, 200))}`
  const message = `${from} answered ${status}${said}`
  if (status === 400)
    return new Fault('SOURCE_REFUSED', message, { hint: 'it does not take this question' })
  if (status >= 500) {
    return new Fault('SOURCE_UNAVAILABLE', message, { hint: 'the log of the backend says why' })
  }
  return new Fault('SOURCE_INVALID', message, {
    hint: 'is this the address of the query API, and not of a page or a proxy?',
  })
}

/** What is read of an answer; what it holds that is no trace is a fault of the backend, at its address. */
export function readOf<T>(answer: HttpAnswer, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'TRACE_INVALID') throw cause
    throw new Fault('SOURCE_INVALID', `${answer.from} answered with no trace: ${cause.message}`, {
      cause,
    })
  }
}
