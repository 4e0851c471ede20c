import { Fault } from '../trace/fault.ts'

/** A group of tools, and the file of what hosts are told of it. */
export interface Toolset {
  readonly name: 'core' | 'analysis'
  readonly listing: string
}

const toolsets: readonly Toolset[] = [
  { name: 'core', listing: 'mcp-tools.json' },
  { name: 'analysis', listing: 'mcp-tools.analysis.json' },
]

const planned = ['agents']

/**
 * The toolsets of a list with commas, in their own order; `core` is always among them, since the next steps of every tool lead
 * to it. A Fault for what is no toolset, and for what is not built.
 */
export function toolsetsOf(written: string): readonly Toolset[] {
  const names = written.split(',').map((name) => name.trim())
  const later = names.find((name) => planned.includes(name))
  if (later !== undefined) throw new Fault('UNSUPPORTED', `the toolset ${later} is not built yet`)
  const known: readonly string[] = [...toolsets.map(({ name }) => name), 'all']
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new Fault('USAGE', `there is no toolset ${unknown}`, {
      hint: `toolsets are ${known.join(', ')}`,
    })
  }
  const asked = new Set(['core', ...names])
  return toolsets.filter(({ name }) => asked.has(name) || asked.has('all'))
}
