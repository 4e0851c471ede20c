import { z } from 'zod'
import { annotationsOf, type Annotations } from './annotations.ts'
import type { Tool } from './tool.ts'

/** A tool as hosts are told of it. */
export interface ListedTool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: ObjectSchema
  readonly outputSchema: ObjectSchema
  readonly annotations: Annotations
}

interface ObjectSchema {
  readonly type: 'object'
  readonly [keyword: string]: unknown
}

/** The text of `schema/mcp-tools.json`. */
export function listingText(tools: readonly Tool[]): string {
  return `${JSON.stringify({ tools: tools.map(listedTool) }, null, 2)}\n`
}

function listedTool(tool: Tool): ListedTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchemaOf(tool.input),
    outputSchema: shallowSchemaOf(tool.output),
    annotations: annotationsOf(tool.effect),
  }
}

function inputSchemaOf(schema: z.ZodType): ObjectSchema {
  const { $schema: _, type: __, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { type: 'object', ...rest }
}

/** What an answer has at its top level: agents read the answer itself, and every conversation pays for what stands here. */
function shallowSchemaOf(schema: z.ZodType): ObjectSchema {
  const { properties = {}, required, $defs = {} } = z.toJSONSchema(schema, { io: 'input' })
  const types = Object.entries(properties).map(([name, property]) => {
    const { type } = shared(property, $defs)
    return [name, type === undefined ? {} : { type }]
  })
  return {
    type: 'object',
    properties: Object.fromEntries(types),
    ...(required === undefined ? {} : { required }),
  }
}

type Property = z.core.JSONSchema._JSONSchema
type Named = Readonly<Record<string, z.core.JSONSchema.JSONSchema>>

function shared(property: Property, named: Named): z.core.JSONSchema.JSONSchema {
  if (typeof property === 'boolean') return {}
  const name = property.$ref?.replace('#/$defs/', '')
  return name === undefined ? property : (named[name] ?? {})
}
