import { writeFileSync } from 'node:fs'
import { resultSchemaText } from '../src/report/result-schema.ts'

writeFileSync(new URL('../schema/result.schema.json', import.meta.url), resultSchemaText())
