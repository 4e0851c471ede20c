import { didYouMean } from '../app/did-you-mean.ts'
import type { Fault } from '../trace/fault.ts'
import { z } from 'zod'
import type { Answer } from './answer.ts'
import { nextCall, type NextCall } from './next-call.ts'

const MAX_LINES = 40

/** What the world kept from being done, and the call that leads on. */
export function faultAnswer({ code, message, hint }: Fault): Answer {
  const [first = '', ...rest] = message.split('\n')
  const details = rest.filter((line) => line.trim() !== '')
  return failure({
    summary: `Error: ${[first, ...(hint === undefined ? [] : [hint])].join('; ')}`,
    code,
    message: first,
    hint: hint ?? null,
    details: details.slice(0, MAX_LINES),
    omitted: Math.max(0, details.length - MAX_LINES),
    nextSteps: afterFault(code),
  })
}

/** Every wrong argument, and arguments that are right. */
export function inputAnswer(
  tool: {
    readonly name: string
    readonly input: z.ZodType
    readonly example: NextCall['arguments']
  },
  error: z.ZodError,
): Answer {
  const known = tool.input instanceof z.ZodObject ? Object.keys(tool.input.shape) : []
  const details = error.issues.flatMap((issue) => issueTexts(issue, known))
  return failure({
    summary: `Error: the arguments of ${tool.name} are wrong: ${details.slice(0, 3).join('; ')}.`,
    code: 'USAGE',
    message: `${details.length} wrong arguments of ${tool.name}`,
    hint: 'see next_steps for a valid call',
    details: details.slice(0, MAX_LINES),
    omitted: Math.max(0, details.length - MAX_LINES),
    nextSteps: [nextCall('Arguments of this form are right', tool.name, tool.example)],
  })
}

function issueTexts(issue: z.core.$ZodIssue, known: readonly string[]): readonly string[] {
  const path = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') {
    return [`${path === '' ? 'arguments' : path}: ${issue.message}`]
  }
  return issue.keys.map((key) => {
    const near = didYouMean(key, known)
    return `there is no argument ${key.slice(0, 60)}${near === undefined ? '' : `; ${near}`}`
  })
}

interface Failure {
  readonly summary: string
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly details: readonly string[]
  readonly omitted: number
  readonly nextSteps: readonly NextCall[]
}

function failure({ summary, nextSteps, ...error }: Failure): Answer {
  return { isError: true, structured: { summary, error, next_steps: nextSteps } }
}

function afterFault(code: Fault['code']): readonly NextCall[] {
  switch (code) {
    case 'SPEC_NOT_FOUND':
    case 'SPEC_INVALID':
      return [nextCall('See which specs there are', 'list_trace_specs', {})]
    case 'TRACE_NOT_FOUND':
      return [nextCall('See which traces there are', 'get_traces', {})]
    case 'SESSION_NOT_FOUND':
      return [nextCall('Begin a session', 'create_development_session', {})]
    case 'USAGE':
    case 'PATH_OUTSIDE':
    case 'FILE_UNREADABLE':
    case 'FILE_EXISTS':
    case 'TRACE_INVALID':
    case 'TOO_LARGE':
    case 'STORE_UNAVAILABLE':
    case 'STORE_FULL':
    case 'COMMAND_NOT_STARTED':
    case 'COMMAND_NOT_READY':
    case 'RECEIVER_UNAVAILABLE':
    case 'SOURCE_UNAVAILABLE':
    case 'SOURCE_REFUSED':
    case 'SOURCE_INVALID':
    case 'NOT_TRUSTED':
    case 'PACKAGE_MISSING':
    case 'UNSUPPORTED':
      return []
  }
}
