import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const runs = 20
const goalMs = 40
const root = fileURLToPath(new URL('../../', import.meta.url))
// inside the repository, so that it finds the SDK
const folder = mkdtempSync(join(root, 'node_modules/.mcp-startup-'))
const empty = join(folder, 'empty.mjs')
writeFileSync(
  empty,
  `import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
serveStdio(() => new McpServer({ name: 'empty', version: '1' }, { capabilities: { tools: {} } }))
`,
)

const request = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    },
  },
})}\n`

const bare: number[] = []
const sdk: number[] = []
const own: number[] = []
try {
  // interleaved, so that a busy moment of the machine hits all sides; the first round warms up
  for (let run = 0; run <= runs; run++) {
    const times = [
      await elapsedMs(['-e', '0']),
      await elapsedMs([empty]),
      await elapsedMs([join(root, 'dist/cli/bin.js'), 'mcp']),
    ]
    if (run === 0) continue
    for (const [at, list] of [bare, sdk, own].entries()) list.push(times[at] ?? 0)
  }
} finally {
  rmSync(folder, { recursive: true })
}

const more = median(own) - median(sdk)
console.log(`node -e 0                    ${median(bare).toFixed(1)} ms (median of ${runs})`)
console.log(`empty server of the SDK      ${median(sdk).toFixed(1)} ms to the answer of tools/list`)
console.log(`tracespec mcp                ${median(own).toFixed(1)} ms to the answer of tools/list`)
console.log(
  `${more.toFixed(1)} ms more, ratio ${(median(own) / median(sdk)).toFixed(2)}; goal: at most ${goalMs} ms more`,
)
if (more > goalMs) process.exitCode = 1

/** From the spawn to the first line of the answer; to the end where there is none. */
async function elapsedMs(args: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  child.stdin.write(request)
  const ended = once(child, 'exit')
  await Promise.race([ended, line(child.stdout)])
  const elapsed = performance.now() - start
  child.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}`)
  return elapsed
}

async function line(output: AsyncIterable<Buffer>): Promise<void> {
  let text = ''
  for await (const chunk of output) {
    text += chunk.toString('utf8')
    if (text.includes('\n')) return
  }
  await new Promise<never>(() => undefined)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle - 0.5)] ?? 0) + (sorted[Math.ceil(middle - 0.5)] ?? 0)) / 2
}
