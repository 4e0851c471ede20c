import { Fault } from '../trace/fault.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { faultAnswer } from './failure.ts'
import { harmless } from './harmless.ts'
import { refuseInReadOnly } from './policy.ts'
import type { Tool } from './tool.ts'

/** Does the work of a call, and says what the world kept from being done in a way that an agent can repair. */
export async function answerCall(tool: Tool, input: unknown, call: Call): Promise<Answer> {
  const answer = await attempt(tool, input, call)
  return { ...answer, structured: harmless(answer.structured) }
}

async function attempt(tool: Tool, input: unknown, call: Call): Promise<Answer> {
  try {
    await refuseInReadOnly(tool.effect, call)
    return await tool.handle(input, call)
  } catch (error) {
    if (error instanceof Fault) return faultAnswer(error, { tool, input })
    throw error
  }
}
