import { describe, expect, test } from 'vitest'
import { jsonSpec, otherSpec, wantsMoreSpec } from './specs.ts'
import { copyShop, fixture, place, printedCommands, program, type Place } from './tracespec.ts'

interface Scene {
  readonly what: string
  readonly prepare: (project: Place) => void | Promise<unknown>
  readonly args: readonly string[]
  /** What is printed for it, without ids. */
  readonly prints: readonly string[]
}

const json = program('json.mjs')
const asText = json.join(' ')
const two = (project: Place): void => {
  project.write('specs/json.trace.yaml', jsonSpec)
  project.write('specs/more.trace.yaml', wantsMoreSpec)
}

const scenes: readonly Scene[] = [
  {
    what: 'a red run',
    prepare: copyShop,
    args: ['run', '--', 'node', 'drive.mjs'],
    prints: [
      'tracespec show trace:ID --spec checkout --span ID',
      'tracespec run --spec checkout -- node drive.mjs',
      'tracespec check run:ID --spec checkout',
    ],
  },
  {
    what: 'a red run with options',
    prepare: two,
    args: ['run', '--project', '.', '--timeout', '1m', '--spec', 'wants-more', '--', ...json],
    prints: [
      'tracespec show --project . trace:ID --spec wants-more --span ID',
      `tracespec run --project . --timeout 60000ms --spec wants-more -- ${asText}`,
      'tracespec check --project . run:ID --spec wants-more',
    ],
  },
  {
    what: 'a red file',
    prepare: two,
    args: ['check', fixture('fixtures/traces/agent-helm.otlp.json'), '--spec', 'json'],
    prints: [
      `tracespec show ${fixture('fixtures/traces/agent-helm.otlp.json')} --spec json --span ID`,
      `tracespec check ${fixture('fixtures/traces/agent-helm.otlp.json')} --spec json`,
    ],
  },
  {
    what: 'a run without a span',
    prepare: two,
    args: ['run', '--', ...program('no-sdk.mjs')],
    prints: [`tracespec run -- ${program('no-sdk.mjs').join(' ')}`],
  },
  {
    what: 'a project without specs',
    prepare: () => undefined,
    args: ['run', '--', ...json],
    prints: ['tracespec init'],
  },
  {
    what: 'specs that nothing exercised',
    prepare: (project) => project.write('specs/other.trace.yaml', otherSpec),
    args: ['run', '--', ...json],
    prints: ['tracespec check run:ID --spec other'],
  },
  {
    what: 'an unknown spec',
    prepare: two,
    args: ['check', fixture('fixtures/traces/agent-helm.otlp.json'), '--spec', 'jsno'],
    prints: ['tracespec spec list'],
  },
  {
    what: 'an unknown run',
    prepare: (project) => project.run(['run', '--', ...json]),
    args: ['check', 'run:r-0'],
    prints: ['tracespec traces'],
  },
  {
    what: 'a spec that cannot be read',
    prepare: (project) => project.write('specs/bad.trace.yaml', 'nmae: x\n'),
    args: ['run', '--spec', 'specs/bad.trace.yaml', '--', ...json],
    prints: ['tracespec spec validate specs/bad.trace.yaml'],
  },
  {
    what: 'a first spec',
    prepare: (project) => project.run(['run', '--', ...json]),
    args: ['init'],
    prints: ['tracespec check run:ID --spec as-json'],
  },
]

/** Of the commands that must not end well: those that show what is wrong. */
const failing = /^tracespec (?:run|check|spec validate) /

describe.concurrent('what is printed to be pasted after', () => {
  test.for(scenes)('$what exists and works', async ({ prepare, args, prints }) => {
    using project = place()
    await prepare(project)
    const done = await project.run(args)
    const commands = printedCommands(done.stdout + done.stderr)
    const withoutIds = commands.map((command) =>
      command
        .replaceAll(/(?<=trace:)[0-9a-f]{32}/g, 'ID')
        .replaceAll(/(?<=run:)r-\w+/g, 'ID')
        .replaceAll(/(?<=--span )[0-9a-f]{16}/g, 'ID'),
    )
    expect(withoutIds).toEqual(prints)
    for (const command of commands) {
      const pasted = await project.paste(command)
      const allowed = failing.test(command)
        ? [0, 1, 3, ...(command.includes('validate') ? [2] : [])]
        : [0]
      expect({
        command,
        output: pasted.stdout + pasted.stderr,
        isAllowed: allowed.includes(pasted.code ?? -1),
      }).toEqual({ command, output: expect.any(String), isAllowed: true })
      expect(pasted.stderr).not.toContain('a fault of its own')
    }
  })
})
