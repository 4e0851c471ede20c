import {
  acceptedContent,
  completable,
  inputRequired,
  ResourceTemplate,
  type McpServer,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { askFor } from './fixture-questions.ts'

/** A PNG of one pixel. */
export const pixel: string =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

/** The resources that the conformance suite reads, each as its scenario describes it. */
export function registerResources(mcp: McpServer): void {
  const plain = { mimeType: 'text/plain', description: 'Fixture.' }
  const words = (text: string) => (uri: URL) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text }],
  })
  mcp.registerResource(
    'static-text',
    'test://static-text',
    plain,
    words('This is the content of the static text resource.'),
  )
  mcp.registerResource('watched', 'test://watched-resource', plain, words('Watched.'))
  mcp.registerResource(
    'static-binary',
    'test://static-binary',
    { mimeType: 'image/png', description: 'Fixture.' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'image/png', blob: pixel }] }),
  )
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { mimeType: 'application/json', description: 'Fixture.' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  )
}

/** The prompts that the conformance suite gets, each as its scenario describes it. */
export function registerPrompts(mcp: McpServer): void {
  const asUser = (...contents: readonly Content[]) => ({
    messages: contents.map((content) => ({ role: 'user' as const, content })),
  })
  mcp.registerPrompt('test_simple_prompt', { description: 'Fixture.' }, () =>
    asUser(words('This is a simple prompt for testing.')),
  )
  const word = completable(z.string(), (value) =>
    ['paris', 'park', 'party'].filter((known) => known.startsWith(value)),
  )
  mcp.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Fixture.', argsSchema: z.object({ arg1: word, arg2: z.string() }) },
    ({ arg1, arg2 }) => asUser(words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  )
  mcp.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Fixture.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => {
      const text = 'Embedded resource content for testing.'
      return asUser(
        { type: 'resource', resource: { uri, mimeType: 'text/plain', text } },
        words('Please process the embedded resource above.'),
      )
    },
  )
  mcp.registerPrompt('test_prompt_with_image', { description: 'Fixture.' }, () =>
    asUser(
      { type: 'image', data: pixel, mimeType: 'image/png' },
      words('Please analyze the image above.'),
    ),
  )
  mcp.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Fixture.' },
    ({ mcpReq }) => {
      const given = acceptedContent(mcpReq.inputResponses, 'user_context')
      if (given !== undefined) return asUser(words(JSON.stringify(given)))
      const user_context = askFor('context', 'What context should the prompt use?')
      return inputRequired({ inputRequests: { user_context } })
    },
  )
}

type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string }
  | {
      readonly type: 'resource'
      readonly resource: { uri: string; mimeType: string; text: string }
    }

function words(text: string): Content {
  return { type: 'text', text }
}
