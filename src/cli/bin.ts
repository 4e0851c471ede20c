#!/usr/bin/env node
// Parses on Node 12 and imports nothing before the version is known to do: what this file imports statically, old Nodes load first.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 13)) {
  void start(process.argv.slice(2))
} else {
  process.stderr.write(
    `tracespec needs Node.js 22.13 or newer, this is ${process.version}: https://nodejs.org\n`,
  )
  process.exitCode = 2
}

/** Answers `--version` without loading the rest; never cuts output by `process.exit`. */
async function start(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && argv[0] === '--version') {
    const { tracespecVersion } = await import('./version.ts')
    process.stdout.write(`${tracespecVersion()}\n`)
    return
  }
  const { main } = await import('./main.ts')
  process.exitCode = await main(argv)
}
