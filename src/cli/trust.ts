import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import { commonOptionsAsked, withCommonOptions, type CommonOptions } from './options.ts'

interface TrustOptions extends CommonOptions {
  readonly yes?: boolean
  readonly revoke?: boolean
}

/** `tracespec trust`: allows tracespec.yaml of this project to use variables of the environment and hosts beyond this machine. */
export function defineTrust(program: Command, invocation: Invocation): void {
  withCommonOptions(
    program
      .command('trust')
      .description('let the backends of tracespec.yaml use your variables and other hosts'),
  )
    .option('--yes', 'without being asked')
    .option('--revoke', 'trust it no more')
    .action(async (options: TrustOptions) => {
      invocation.asked = { ...invocation.asked, common_options: commonOptionsAsked(options) }
      await changeTrust(options, invocation)
    })
}

type Trust = Awaited<ReturnType<Wire['trust']>>

async function changeTrust(options: TrustOptions, { io }: Invocation): Promise<void> {
  const { openWire } = await import('../wire.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const trust = await wire.trust()
  if (options.revoke === true) {
    trust.revoke()
    return await answer('revoked', trust, { options, io })
  }
  if (trust.demands.length === 0) {
    return await answer('nothing_to_trust', trust, { options, io })
  }
  if (trust.state === 'trusted') return await answer('trusted', trust, { options, io })
  if (options.yes !== true) await ask(trust, options, io)
  trust.grant()
  return await answer('trusted', trust, { options, io })
}

async function ask(trust: Trust, options: TrustOptions, io: Io): Promise<void> {
  if (!process.stdin.isTTY || !io.out.isTerminal || options.json === true) {
    const [what = '', ...asked] = await linesOf(trust)
    const told =
      options.json === true
        ? `${what} ${asked.map((line) => line.trim()).join('; ')}`
        : [what, ...asked].join('\n')
    throw new Fault('NOT_TRUSTED', told, {
      hint: 'look at tracespec.yaml, then allow it with: tracespec trust --yes',
    })
  }
  await io.out.write(`${(await linesOf(trust)).join('\n')}\n`)
  const asking = createInterface({ input: process.stdin, output: process.stdout })
  const said = await asking.question('Trust this? [y/N] ')
  asking.close()
  if (/^y(es)?$/i.test(said.trim())) return
  throw new Fault('NOT_TRUSTED', 'nothing is trusted')
}

async function linesOf({ demands, state }: Trust): Promise<readonly string[]> {
  const { inert } = await import('../report/sanitize.ts')
  const changed = state === 'changed' ? ', which has changed since it was trusted' : ''
  return [
    `tracespec.yaml${changed}:`,
    ...demands.map(({ name, host = 'this machine', variables }) => {
      const sent = variables.map((variable) => `\${${variable}}`).join(', ')
      return inert(`  ${name} ${sent === '' ? 'asks' : `sends ${sent} to`} ${host}`, 1000)
    }),
  ]
}

type Outcome = 'trusted' | 'revoked' | 'nothing_to_trust'

async function answer(
  outcome: Outcome,
  trust: Trust,
  { options, io }: { readonly options: TrustOptions; readonly io: Io },
): Promise<void> {
  if (options.json === true) {
    const demands = trust.demands.map((demand) => ({ ...demand, host: demand.host ?? null }))
    await writeJson({ schema: 'tracespec.trust/1', outcome, demands }, io)
    return
  }
  await io.out.write(`${await sentence(outcome, trust)}\n`)
}

async function sentence(outcome: Outcome, trust: Trust): Promise<string> {
  switch (outcome) {
    case 'trusted':
      return `${(await linesOf({ ...trust, state: 'trusted' })).join('\n')}\nThat is trusted until the backends or the store of tracespec.yaml change.`
    case 'revoked':
      return 'Nothing of this project is trusted any more.'
    case 'nothing_to_trust':
      return 'tracespec.yaml asks for no variable and for no other host: there is nothing to trust.'
  }
}
