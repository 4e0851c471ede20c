import { field, record, type Field } from '../spec/record.ts'
import { bool, list, text, type Shape } from '../spec/shape.ts'

/** What agents may do in a project, unless the server's own command line says otherwise. */
export interface AgentLimits {
  /** Patterns of commands; undefined allows every command. */
  readonly allowCommands: readonly string[] | undefined
  /** No tool writes a spec or runs a command. */
  readonly readOnly: boolean
}

const allowCommands: Field<readonly string[]> = field(
  'allow_commands',
  'Run only such commands, as "npm test" or "npm run *"; --allow-commands overrides it',
  list(text),
)
const readOnly: Field<boolean> = field(
  'read_only',
  'No tool that writes a spec or runs a command, as --read-only',
  bool,
)

export const agents: Shape<AgentLimits> = record<AgentLimits>({
  what: 'mcp',
  example: 'allow_commands: ["npm test"]',
  fields: [allowCommands, readOnly],
  build: (written) => ({
    allowCommands: written.get(allowCommands)?.value,
    readOnly: written.get(readOnly)?.value ?? false,
  }),
})
