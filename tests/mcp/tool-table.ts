import type { Tool } from '../../src/mcp/tool.ts'

const effects = {
  reads: 'reads',
  writes_specs: 'writes specs',
  writes_sessions: 'writes sessions',
  runs_commands: 'runs commands',
}

/** The table of the README, as the definitions of the tools say it. */
export function toolTable(tools: readonly Tool[]): string {
  const rows = tools.map(
    ({ name, title, effect }) => `| \`${name}\` | ${title.toLowerCase()} | ${effects[effect]} |`,
  )
  return `${['| tool | what for | effect |', '|---|---|---|', ...rows].join('\n')}\n`
}
