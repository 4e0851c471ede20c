import { writeFileSync } from 'node:fs'
import { analysisSchemaText } from '../src/report/analysis-schema.ts'

writeFileSync(new URL('../schema/analysis.schema.json', import.meta.url), analysisSchemaText())
