import type { z } from 'zod'
import type { Call } from './call.ts'
import { inputAnswer } from './failure.ts'
import type { Answer } from './answer.ts'

/** What a call may do to the world. */
export type Effect = 'reads' | 'writes_specs' | 'runs_commands'

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
      return parsed.success ? tool.handle(parsed.data, call) : inputAnswer(tool, parsed.error)
    },
  }
}

export interface Annotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** All four, since the defaults of the protocol are the worst case. */
export function annotationsOf(effect: Effect): Annotations {
  switch (effect) {
    case 'reads':
      return annotations(true, { destructive: false, idempotent: true, openWorld: false })
    case 'writes_specs':
      return annotations(false, { destructive: true, idempotent: true, openWorld: false })
    case 'runs_commands':
      return annotations(false, { destructive: true, idempotent: false, openWorld: true })
  }
}

function annotations(
  readOnlyHint: boolean,
  hints: {
    readonly destructive: boolean
    readonly idempotent: boolean
    readonly openWorld: boolean
  },
): Annotations {
  return {
    readOnlyHint,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  }
}
