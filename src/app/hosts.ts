/** A program that starts our MCP server for its agents. */
export interface Host {
  readonly id: HostId
  readonly title: string
  /** The file of a project that it reads its servers from. */
  readonly path: string
  /** What that file must hold. */
  readonly entry: string
}

export type HostId = 'claude' | 'cursor' | 'vscode' | 'codex'

/** Never fetches anything: the version of the project is the one that counts. */
const command = 'npx'
const args = ['--no-install', 'tracespec', 'mcp'] as const

/** These two say where the project is only by a variable of their own. */
const argsInWorkspace = [...args, '--project', '${workspaceFolder}'] as const

/** How a host learns of the server, as its own documentation has it. */
export function hostOf(id: HostId): Host {
  switch (id) {
    case 'claude':
      return {
        id,
        title: 'Claude Code',
        path: '.mcp.json',
        entry: json({ mcpServers: { tracespec: { command, args } } }),
      }
    case 'cursor':
      return {
        id,
        title: 'Cursor',
        path: '.cursor/mcp.json',
        entry: json({ mcpServers: { tracespec: { command, args: argsInWorkspace } } }),
      }
    case 'vscode':
      return {
        id,
        title: 'VS Code',
        path: '.vscode/mcp.json',
        entry: json({ servers: { tracespec: { type: 'stdio', command, args: argsInWorkspace } } }),
      }
    case 'codex':
      return {
        id,
        title: 'Codex',
        path: '.codex/config.toml',
        entry: `[mcp_servers.tracespec]\ncommand = ${JSON.stringify(command)}\nargs = [${args.map((each) => JSON.stringify(each)).join(', ')}]\n`,
      }
  }
}

function json(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`
}
