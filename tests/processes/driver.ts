// Runs a command as the runner's own process, for what a test cannot do inside itself: standard output and a parent of its choice.
import { readdirSync, readFileSync } from 'node:fs'
import { runTheCommand } from './run-program.ts'

const [first, ...rest] = process.argv.slice(2)
const output = /^--output=(.*)$/.exec(first ?? '')?.[1]
const [program, ...args] = output === undefined ? process.argv.slice(2) : rest
if (program === undefined) throw new Error('no command')

const { outcome } = await runTheCommand([program, ...args], {
  signals: process,
  ...(output === undefined ? {} : { stdio: [0, output === 'through' ? 1 : 2, 2] }),
})
if (output === undefined || output === 'heard') {
  const { exitCode, waitedMs, evidence } = outcome
  const { complete } = evidence
  process.stdout.write(
    JSON.stringify({ exitCode, waitedMs, complete, zombies: zombiesOf(outcome.pid) }),
  )
}

/** Zombies that were in the session of the command. */
function zombiesOf(session: number): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return fields[0] === 'Z' && Number(fields[3]) === session
    }).length
}
