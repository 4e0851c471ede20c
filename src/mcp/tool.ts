import type { z } from 'zod'
import type { Call } from './call.ts'
import { inputAnswer } from './failure.ts'
import type { Effect } from './annotations.ts'
import type { Answer } from './answer.ts'

/** One thing that an agent can ask for; everything that a host is told of it comes from here. */
export interface Tool {
  readonly name: string
  readonly title: string
  /** Begins with when to use it. */
  readonly description: string
  readonly input: z.ZodType
  /** The whole answer; hosts are told its top level. */
  readonly output: z.ZodType
  readonly effect: Effect
  /** Valid arguments, shown where others were not. */
  readonly example: Readonly<Record<string, unknown>>
  /** Answers any arguments; wrong ones with what is wrong in them. */
  readonly handle: (input: unknown, call: Call) => Promise<Answer>
}

interface TypedTool<I extends z.ZodType> extends Omit<Tool, 'input' | 'handle'> {
  readonly input: I
  readonly handle: (input: z.output<I>, call: Call) => Promise<Answer>
}

/** A tool whose work sees only arguments that its schema accepts. */
export function defineTool<I extends z.ZodType>(tool: TypedTool<I>): Tool {
  return {
    ...tool,
    handle: async (input, call) => {
      const parsed = tool.input.safeParse(input)
      return parsed.success
        ? tool.handle(parsed.data, call)
        : inputAnswer(tool, input, parsed.error)
    },
  }
}
