import { writeFileSync } from 'node:fs'
import { schemaText } from '../src/report/schema-text.ts'
import { sessionSchema, sessionsSchema } from '../src/report/session-schema.ts'
import { specDiffSchema, specHistorySchema } from '../src/report/spec-evolution-schema.ts'

const sources = {
  session: sessionSchema,
  sessions: sessionsSchema,
  'spec-history': specHistorySchema,
  'spec-diff': specDiffSchema,
}

for (const [name, source] of Object.entries(sources)) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url)
  writeFileSync(file, schemaText(`tracespec ${name.replace('-', ' ')}, version 1`, source))
}
