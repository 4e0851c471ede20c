import { writeFileSync } from 'node:fs'
import { configSchemaText } from '../src/project/config-schema.ts'

writeFileSync(new URL('../schema/tracespec.schema.json', import.meta.url), configSchemaText())
