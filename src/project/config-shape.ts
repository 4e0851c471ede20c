import { field, record, type Field } from '../spec/record.ts'
import {
  badValue,
  entries,
  mapped,
  nameText,
  text,
  type Placed,
  type Shape,
} from '../spec/shape.ts'
import { agents, type AgentLimits } from './agents-shape.ts'
import { checkCloud } from './cloud-backends.ts'
import { backend, backendKinds, type BackendConfig, type NamelessBackend } from './backend-shape.ts'
import { configText, type ConfigText } from './config-text.ts'

export interface ConfigParts {
  readonly specs: Placed<string> | undefined
  /** The URL of a store that is shared. */
  readonly store: ConfigText | undefined
  readonly backends: readonly BackendConfig[]
  readonly mcp: AgentLimits
}

const backends: Field<readonly BackendConfig[]> = field(
  'backends',
  'Where traces are read with --from, by the names that it takes',
  mapped(entries(backend), (written, _, reading) =>
    written.flatMap(({ name, value, at }) => namedBackend({ name, value, at, reading }) ?? []),
  ),
)

interface NamedBackend extends Placed<NamelessBackend> {
  readonly name: string
  readonly reading: Parameters<typeof badValue>[2]
}

function namedBackend({ name, value, at, reading }: NamedBackend): BackendConfig | undefined {
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    return badValue(at, 'A backend is named by letters, digits, - and _.', reading)
  }
  const kind = value.kind ?? backendKinds.find((known) => known === name)
  if (kind === undefined) {
    const message = `The backend \`${name.slice(0, 60)}\` has no type.`
    return badValue(at, { message, hint: `add type: ${backendKinds.join(', ')}` }, reading)
  }
  if (value.tenant !== undefined && kind !== 'jaeger' && kind !== 'tempo') {
    const hint = 'name it in headers'
    badValue(value.tenant.at, { message: `${kind} has no header for a tenant.`, hint }, reading)
  }
  if (value.protocol !== undefined && kind !== 'jaeger') {
    badValue(value.protocol.at, `${kind} is asked over http alone.`, reading)
  }
  const place = value.database ?? value.table
  if (place !== undefined && kind !== 'clickhouse') {
    badValue(place.at, `${kind} has no database and no table.`, reading)
  }
  checkCloud(kind, value, reading)
  return { ...value, name, kind }
}

const specs: Field<string> = field('specs', 'The folder of the specs; specs by default', nameText)
const store: Field<ConfigText> = field(
  'store',
  'A store that is shared, as postgres://${PGUSER}:${PGPASSWORD}@host/database',
  configText,
)
const mcp: Field<AgentLimits> = field('mcp', 'What agents may do over MCP', agents)
const schema: Field<string> = field('$schema', 'The JSON Schema, for editors', text)

/** What a project says that says nothing. */
export const noLimits: AgentLimits = { allowCommands: undefined, readOnly: false }

/** What tracespec.yaml may say. */
export const configShape: Shape<ConfigParts> = record<ConfigParts>({
  what: 'tracespec.yaml',
  example: 'specs: FOLDER',
  fields: [schema, specs, store, backends, mcp],
  build(written) {
    written.get(schema)
    return {
      specs: written.get(specs),
      store: written.get(store)?.value,
      backends: written.get(backends)?.value ?? [],
      mcp: written.get(mcp)?.value ?? noLimits,
    }
  },
})
