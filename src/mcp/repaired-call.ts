import { nearName } from '../app/did-you-mean.ts'
import { visible } from '../report/sanitize.ts'
import type { z } from 'zod'
import { nextCall, type NextCall } from './next-call.ts'
import { redacted } from './redact.ts'
import { bytesOf } from './verdict.ts'

/** What a repair needs to know of a tool. */
export interface Repairable {
  readonly name: string
  readonly input: z.ZodType
  readonly example: NextCall['arguments']
}

interface Refused {
  readonly tool: Repairable
  readonly input: unknown
  readonly issues: readonly z.core.$ZodIssue[]
  /** The names of its arguments. */
  readonly known: readonly string[]
}

/** The call that was meant, as far as it is right, with the example's words for what is wrong; else the example itself. */
export function repairedCall(refused: Refused): NextCall {
  const { name, input, example } = refused.tool
  const own = mended(refused)
  const isOwn = own !== undefined && isTellable(own) && input.safeParse(own).success
  return isOwn
    ? nextCall('The same with arguments that are right', name, own)
    : nextCall('Arguments of this form are right', name, example)
}

/** The argument that an unknown name stands for: one that is missing before one that is merely alike. */
export function meantArgument(
  name: string,
  { known, issues, input }: Omit<Refused, 'tool'>,
): string | undefined {
  const given = isObject(input) ? input : {}
  const isMissing = (one: string): boolean => isWrong(one, issues) && !Object.hasOwn(given, one)
  const missing = known.filter(isMissing).find((one) => isShortFor(name, one))
  const part = known.find((one) => name.split('_').includes(one))
  return missing ?? nearName(name, known) ?? part
}

/** The allowed value nearest to the one that was given. */
export function meantValue(issue: z.core.$ZodIssue, input: unknown): string | undefined {
  const [key] = issue.path
  if (issue.code !== 'invalid_value' || issue.path.length !== 1 || !isObject(input))
    return undefined
  const value = input[String(key)]
  return typeof value === 'string' ? nearName(value, issue.values.map(String)) : undefined
}

function mended({ tool, input, issues, known }: Refused): Record<string, unknown> | undefined {
  if (!isObject(input)) return undefined
  const right = Object.entries(input).flatMap(([name, value]) => {
    if (known.includes(name)) return isWrong(name, issues) ? [] : [[name, value] as const]
    const meant = meantArgument(name, { known, issues, input })
    return meant === undefined || Object.hasOwn(input, meant) ? [] : [[meant, value] as const]
  })
  const values = issues.flatMap((issue) => {
    const value = meantValue(issue, input)
    return value === undefined ? [] : [[String(issue.path[0]), value] as const]
  })
  const examples = Object.entries(tool.example).filter(([name]) => isWrong(name, issues))
  return Object.fromEntries([...examples, ...values, ...right])
}

function isWrong(name: string, issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some(({ path }) => path[0] === name)
}

/** `cmd` is short for `command`. */
function isShortFor(short: string, long: string): boolean {
  let found = 0
  for (const letter of long) if (letter === short[found]) found += 1
  return found === short.length
}

// A call that is longer is known to the caller.
const MAX_BYTES = 1200

/** Whether the caller's own words can be given back as they stand. */
export function isTellable(args: Record<string, unknown>): boolean {
  const text = JSON.stringify(args)
  return bytesOf(args) <= MAX_BYTES && redacted(text) === text && isVisible(args)
}

function isVisible(value: unknown): boolean {
  if (typeof value === 'string') return visible(value) === value
  return !isObject(value) || Object.entries(value).every((pair) => pair.every(isVisible))
}

/** Whether it has fields of its own. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
