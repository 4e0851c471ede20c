import { expectationShape } from './expectation.ts'
import type { JsonSchema } from './json-schema.ts'
import { specShape } from './language.ts'
import { matcherShape } from './matcher-shape.ts'

/** The JSON Schema (draft 07) of a spec file, as `schema/trace-spec.schema.json` holds it: the shapes that `parseSpec` reads by. */
export function traceSpecSchemaText(): string {
  return `${JSON.stringify(traceSpecSchema(), null, 2)}\n`
}

function traceSpecSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tracespec: a trace spec',
    description: 'The spans that a program is expected to emit.',
    ...specShape.schema,
    definitions: {
      expectation: { description: 'One expected span', ...expectationShape.schema },
      matcher: {
        description: 'A literal, "*" for any value, or an object of operators that must all hold',
        ...matcherShape.schema,
      },
    },
  }
}
