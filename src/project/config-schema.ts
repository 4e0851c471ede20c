import { configShape } from './config-shape.ts'

/** The JSON Schema (draft 07) of tracespec.yaml, as `schema/tracespec.schema.json` holds it: the shapes that it is read by. */
export function configSchemaText(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tracespec.yaml',
    description: 'What tracespec knows of a project.',
    ...configShape.schema,
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
