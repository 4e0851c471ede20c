import { splitWords } from '../app/split-words.ts'
import { plural } from '../report/wording/phrases.ts'
import type { Fault } from '../trace/fault.ts'
import { z } from 'zod'
import type { Answer } from './answer.ts'
import { nextCall, type NextCall } from './next-call.ts'
import {
  isObject,
  isTellable,
  meantArgument,
  meantValue,
  repairedCall,
  type Repairable,
} from './repaired-call.ts'

const MAX_LINES = 40

/** What the world kept from being done, and the call that leads on from the one that was made. */
export function faultAnswer({ code, message, hint }: Fault, made: Made): Answer {
  const [first = '', ...rest] = message.split('\n')
  const details = rest.filter((line) => line.trim() !== '')
  return failure({
    summary: `Error: ${[first, ...(hint === undefined ? [] : [hint])].join('; ')}`,
    code,
    message: first,
    hint: hint ?? null,
    details: details.slice(0, MAX_LINES),
    omitted: Math.max(0, details.length - MAX_LINES),
    nextSteps: afterFault(code, made),
  })
}

/** A call as it was made. */
export interface Made {
  readonly tool: Pick<Repairable, 'name'>
  readonly input: unknown
}

/** Every wrong argument, and arguments that are right. */
export function inputAnswer(tool: Repairable, input: unknown, { issues }: z.ZodError): Answer {
  const known = tool.input instanceof z.ZodObject ? Object.keys(tool.input.shape) : []
  const details = issues.flatMap((issue) => issueTexts(issue, { known, issues, input }))
  return failure({
    summary: `Error: the arguments of ${tool.name} are wrong: ${details.slice(0, 3).join('; ')}.`,
    code: 'USAGE',
    message: `${plural(details.length, 'wrong argument')} of ${tool.name}`,
    hint: 'see next_steps for a valid call',
    details: details.slice(0, MAX_LINES),
    omitted: Math.max(0, details.length - MAX_LINES),
    nextSteps: [repairedCall({ tool, input, issues, known })],
  })
}

function issueTexts(
  issue: z.core.$ZodIssue,
  asked: Parameters<typeof meantArgument>[1],
): readonly string[] {
  const path = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') {
    const near = meantValue(issue, asked.input)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    return [`${path === '' ? 'arguments' : path}: ${issue.message}${hint}`]
  }
  return issue.keys.map((key) => {
    const near = path === '' ? meantArgument(key, asked) : undefined
    const known = path === '' ? `; there are ${asked.known.join(', ')}` : ` in ${path}`
    const hint = near === undefined ? known : `; did you mean ${near}?`
    return `there is no argument ${key.slice(0, 60)}${hint}`
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

function afterFault(code: Fault['code'], made: Made): readonly NextCall[] {
  switch (code) {
    case 'SPEC_NOT_FOUND':
    case 'SPEC_INVALID':
      return [nextCall('See which specs there are', 'list_trace_specs', {})]
    case 'TRACE_NOT_FOUND':
      return [nextCall('See which traces there are', 'get_traces', sameSource(made))]
    case 'SESSION_NOT_FOUND':
      return [
        ...without('session_id', 'The same in the session of this project', made),
        nextCall('Begin a session', 'create_development_session', {}),
      ]
    case 'PATH_OUTSIDE':
      return without('cwd', 'The same in the folder of the project', made)
    case 'COMMAND_NOT_STARTED':
      return inWords(made)
    case 'USAGE':
      // An open session is what keeps another from beginning.
      return made.tool.name === 'create_development_session'
        ? [nextCall('See how the open session goes', 'get_session_progress', {})]
        : []
    case 'FILE_UNREADABLE':
    case 'FILE_EXISTS':
    case 'TRACE_INVALID':
    case 'TOO_LARGE':
    case 'STORE_UNAVAILABLE':
    case 'STORE_FULL':
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

/** Where the call asked for a trace. */
function sameSource({ input }: Made): { readonly from?: string } {
  if (!isObject(input) || typeof input['from'] !== 'string') return {}
  const where = { from: input['from'] }
  return isTellable(where) ? where : {}
}

/** The call without an argument that it had. */
function without(name: string, why: string, { tool, input }: Made): readonly NextCall[] {
  if (!isObject(input) || !Object.hasOwn(input, name)) return []
  const { [name]: _, ...rest } = input
  return isTellable(rest) ? [nextCall(why, tool.name, rest)] : []
}

/** A whole line as the command, as its program and its arguments. */
function inWords({ tool, input }: Made): readonly NextCall[] {
  if (!isObject(input) || typeof input['command'] !== 'string' || 'args' in input) return []
  const [command, ...args] = splitWords(input['command']) ?? []
  if (command === undefined || args.length === 0) return []
  const apart = { ...input, command, args }
  return isTellable(apart) ? [nextCall('The same as single words', tool.name, apart)] : []
}
