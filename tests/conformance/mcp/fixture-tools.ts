import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type ContentBlock,
  type ElicitRequestFormParams,
  type InputRequiredResult,
  type JsonSchemaType,
  type McpServer,
  type Notification,
  type ServerContext,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { fixture } from '../../cli/tracespec.ts'
import { askFor, askModel, askName, type Asked } from './fixture-questions.ts'
import { pixel } from './fixture-resources.ts'

type Handle = (
  args: Record<string, unknown>,
  context: ServerContext,
) => Promise<CallToolResult | InputRequiredResult>

/** Seals what a call must remember between its rounds. */
export type Mint = (state: string) => Promise<string>

/** The tools that the conformance suite calls by name, each as its scenario describes it. */
export function registerTools(mcp: McpServer, bus: ServerEventBus, mint: Mint): void {
  const tools = {
    ...contents,
    ...behaviours,
    ...asking,
    ...changing(mcp, bus),
    ...rounds(mint),
  }
  for (const [name, handle] of Object.entries(tools)) {
    const inputSchema = fromJsonSchema<Record<string, unknown>>(schemas[name] ?? nothing)
    mcp.registerTool(name, { description: `Fixture ${name}.`, inputSchema }, handle)
  }
}

/** A keyword of MCP beside those of JSON Schema: the argument is a header too. */
const region = { type: 'string' as const, 'x-mcp-header': 'Region' }

const nothing: JsonSchemaType = { type: 'object' }

const schemas: Readonly<Record<string, JsonSchemaType>> = {
  test_sampling: withString('prompt'),
  test_elicitation: withString('message'),
  test_x_mcp_header: {
    type: 'object',
    properties: { region },
    required: ['region'],
  },
  json_schema_2020_12_tool: draft2020(),
}

function draft2020(): JsonSchemaType {
  return JSON.parse(
    readFileSync(fixture('tests/conformance/mcp/json-schema-2020-12.json'), 'utf8'),
  ) as JsonSchemaType
}

function withString(name: string): JsonSchemaType {
  return { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }
}

function said(...content: readonly (ContentBlock | string)[]): CallToolResult {
  return {
    content: content.map((block) =>
      typeof block === 'string' ? { type: 'text' as const, text: block } : block,
    ),
  }
}

const image: ContentBlock = { type: 'image', data: pixel, mimeType: 'image/png' }
const silence: string = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

function embedded(uri: string, mimeType: string, text: string): ContentBlock {
  return { type: 'resource', resource: { uri, mimeType, text } }
}

const contents: Readonly<Record<string, Handle>> = {
  test_simple_text: async () => said('This is a simple text response for testing.'),
  test_image_content: async () => said(image),
  test_audio_content: async () => said({ type: 'audio', data: silence, mimeType: 'audio/wav' }),
  test_embedded_resource: async () =>
    said(
      embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
    ),
  test_multiple_content_types: async () =>
    said(
      'Multiple content types test:',
      image,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ),
  test_x_mcp_header: async (args) => said(JSON.stringify(args)),
  json_schema_2020_12_tool: async (args) => said(JSON.stringify(args)),
}

function logged(data: string): Notification {
  return { method: 'notifications/message', params: { level: 'info', data } }
}

const behaviours: Readonly<Record<string, Handle>> = {
  test_error_handling: async () => {
    throw new Error('This tool intentionally returns an error for testing')
  },
  test_tool_with_logging: async (_, { mcpReq }) => {
    for (const text of ['started', 'processing', 'completed']) {
      await mcpReq.notify(logged(`Tool execution ${text}`))
      await sleep(50)
    }
    return said('done')
  },
  test_logging_tool: async (_, { mcpReq }) => {
    if (mcpReq.envelope !== undefined && 'io.modelcontextprotocol/logLevel' in mcpReq.envelope) {
      await mcpReq.notify(logged('only for who asked'))
    }
    return said('done')
  },
  test_tool_with_progress: async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 }
      await mcpReq.notify({ method: 'notifications/progress', params })
      await sleep(50)
    }
    return said('done')
  },
  test_streaming_elicitation: async (_, { mcpReq }) =>
    acceptedContent(mcpReq.inputResponses, 'user_name') === undefined
      ? inputRequired({ inputRequests: { user_name: askName() } })
      : said('done'),
  // A client that cannot be asked is refused by the SDK.
  test_missing_capability: async () =>
    inputRequired({ inputRequests: { greeting: askModel('Generate a greeting') } }),
}

const capabilities = z.looseObject({
  [CLIENT_CAPABILITIES_META_KEY]: z.record(z.string(), z.unknown()),
})

function capabilitiesOf({ mcpReq }: ServerContext): Readonly<Record<string, unknown>> {
  return capabilities.parse(mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY]
}

const text = { type: 'string' } as const

const defaults: ElicitRequestFormParams['requestedSchema'] = {
  type: 'object',
  properties: {
    name: { ...text, default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { ...text, enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
}

const options = ['option1', 'option2', 'option3']
const titled = ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at + 1}`, title }))

const enums: ElicitRequestFormParams['requestedSchema'] = {
  type: 'object',
  properties: {
    untitledSingle: { ...text, enum: options },
    titledSingle: { ...text, oneOf: titled },
    legacyEnum: {
      ...text,
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { ...text, enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  },
}

const user: ElicitRequestFormParams['requestedSchema'] = {
  type: 'object',
  properties: { username: text, email: text },
  required: ['username', 'email'],
}

/** What the 2025 era asks the client in the middle of a call. */
const asking: Readonly<Record<string, Handle>> = {
  test_sampling: async ({ prompt }, { mcpReq }) => {
    const content = { type: 'text' as const, text: String(prompt) }
    const messages = [{ role: 'user' as const, content }]
    const params = { messages, maxTokens: 100 }
    return said(JSON.stringify(await mcpReq.send({ method: 'sampling/createMessage', params })))
  },
  test_elicitation: async ({ message }, context) => elicited(context, String(message), user),
  test_elicitation_sep1034_defaults: (_, context) => elicited(context, 'defaults', defaults),
  test_elicitation_sep1330_enums: (_, context) => elicited(context, 'enums', enums),
}

async function elicited(
  { mcpReq }: ServerContext,
  message: string,
  requestedSchema: ElicitRequestFormParams['requestedSchema'],
): Promise<CallToolResult> {
  const params = { mode: 'form', message, requestedSchema }
  return said(JSON.stringify(await mcpReq.send({ method: 'elicitation/create', params })))
}

/** Changes of what is offered, which clients hear of that listen. */
function changing(mcp: McpServer, bus: ServerEventBus): Readonly<Record<string, Handle>> {
  return {
    test_trigger_tool_change: async () => {
      bus.publish({ kind: 'tools_list_changed' })
      mcp.sendToolListChanged()
      return said('done')
    },
    test_trigger_prompt_change: async () => {
      bus.publish({ kind: 'prompts_list_changed' })
      mcp.sendPromptListChanged()
      return said('done')
    },
  }
}

/** Calls that need more rounds: what is asked for again until all of it is there. */
function rounds(mint: Mint): Readonly<Record<string, Handle>> {
  const until =
    (asked: Asked, state?: string): Handle =>
    async (_, { mcpReq }) => {
      const responses = mcpReq.inputResponses
      const lacks = Object.keys(asked).some((key) => !isAnswered(responses, key))
      const isRemembered = state === undefined || mcpReq.requestState<string>() === state
      if (!lacks && isRemembered) return said(JSON.stringify(responses))
      return inputRequired({
        inputRequests: asked,
        ...(state === undefined ? {} : { requestState: await mint(state) }),
      })
    }
  const confirm = { confirm: askFor('ok', 'Please confirm') }
  return {
    test_input_required_result_elicitation: until({ user_name: askName() }),
    test_input_required_result_sampling: until({ capital_question: askModel('The capital?') }),
    test_input_required_result_list_roots: until({ client_roots: inputRequired.listRoots() }),
    test_input_required_result_request_state: async (args, context) => {
      const result = await until(confirm, 'asked')(args, context)
      return 'content' in result ? said('state-ok') : result
    },
    test_input_required_result_tampered_state: until(confirm, 'sealed'),
    test_input_required_result_multiple_inputs: until(
      {
        user_name: askName(),
        greeting: askModel('Generate a greeting'),
        client_roots: inputRequired.listRoots(),
      },
      'all three',
    ),
    test_input_required_result_multi_round: async (args, context) => {
      const first = { step1: askName() }
      const second = { step2: askFor('color', 'What is your favorite color?') }
      const isSecond = context.mcpReq.requestState<string>() === 'second'
      if (isSecond) return until(second, 'second')(args, context)
      const result = await until(first, 'first')(args, context)
      if (!('content' in result)) return result
      return inputRequired({ inputRequests: second, requestState: await mint('second') })
    },
    test_input_required_result_capabilities: async (_, context) => {
      const { sampling, elicitation } = capabilitiesOf(context)
      return inputRequired({
        inputRequests: {
          ...(sampling === undefined ? {} : { greeting: askModel('Generate a greeting') }),
          ...(elicitation === undefined ? {} : { user_name: askName() }),
        },
      })
    },
  }
}

function isAnswered(responses: Record<string, unknown> | undefined, key: string): boolean {
  const response = inputResponse(responses, key)
  return response.kind === 'elicit' ? response.action === 'accept' : response.kind !== 'missing'
}
