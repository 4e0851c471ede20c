import { writeFileSync } from 'node:fs'
import { traceSpecSchemaText } from '../src/spec/trace-spec-schema.ts'

writeFileSync(new URL('../schema/trace-spec.schema.json', import.meta.url), traceSpecSchemaText())
