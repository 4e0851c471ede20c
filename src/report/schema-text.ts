import { z } from 'zod'

/** A published schema: the text of its file in `schema/`. */
export function schemaText(title: string, source: z.ZodType): string {
  const { $schema, ...schema } = z.toJSONSchema(source, { io: 'input' })
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`
}
