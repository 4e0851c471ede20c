import { inputRequired, type InputRequiredSpec } from '@modelcontextprotocol/server'

/** What a call asks of its client, by its own names. */
export type Asked = NonNullable<InputRequiredSpec['inputRequests']>

export function askName(): Asked[string] {
  return askFor('name', 'What is your name?')
}

export function askFor(name: string, message: string): Asked[string] {
  return inputRequired.elicit({
    message,
    requestedSchema: {
      type: 'object',
      properties: { [name]: { type: 'string' } },
      required: [name],
    },
  })
}

export function askModel(prompt: string): Asked[string] {
  const content = { type: 'text' as const, text: prompt }
  return inputRequired.createMessage({ messages: [{ role: 'user', content }], maxTokens: 50 })
}
