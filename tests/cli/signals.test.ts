import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { followProgress } from '../../src/cli/progress.ts'
import { worksSpec } from './specs.ts'
import { fixture, place, program, type Started } from './tracespec.ts'

/** Until a process whose command line holds this text is there, at most 10 seconds. */
async function appeared(text: string): Promise<void> {
  for (let waited = 0; waited < 10_000 && running(text).length === 0; waited += 50) await sleep(50)
  await sleep(700)
}

function running(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).startsWith('node') && commandLine(pid).includes(text))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function interrupt({ child }: Started): void {
  child.kill('SIGINT')
}

test('the first Ctrl-C goes to the command and still gives a verdict', async () => {
  using project = place({ 'works.trace.yaml': worksSpec })
  const script = fixture('fixtures/apps/programs/handles-sigint.mjs')
  const started = project.start(['run', '--json', '--', 'node', script, 'first'])
  await appeared('handles-sigint.mjs first')
  interrupt(started)
  const { code, stdout } = await started.finished
  const { status, run, captured } = JSON.parse(stdout)
  expect({ code, status, exit: run.exit_code, spans: captured.spans }).toEqual({
    code: 0,
    status: 'pass',
    exit: 0,
    spans: 2,
  })
})

test('the second Ctrl-C ends everything at once, with 130', async () => {
  using project = place({ 'works.trace.yaml': worksSpec })
  const started = project.start(['run', '--json', '--', ...program('hang-deaf.mjs'), 'second'])
  await appeared('hang-deaf.mjs second')
  interrupt(started)
  await sleep(300)
  interrupt(started)
  const { code, stdout } = await started.finished
  const { status, exit_code } = JSON.parse(stdout)
  expect({ code, status, exit_code }).toEqual({ code: 130, status: 'interrupted', exit_code: 130 })
  expect(running('hang-deaf.mjs second')).toEqual([])
})

test('a long command is followed in whole lines on a terminal, and in none off it', async () => {
  const follow = async (isTerminal: boolean): Promise<string> => {
    let written = ''
    await using progress = followProgress(
      {
        isTerminal,
        terminal: { width: 80, color: false, unicode: true },
        write: (text) => {
          written += Buffer.from(text).toString()
          return Promise.resolve()
        },
      },
      () => Promise.resolve({ spans: 7, traces: 2 }),
    )
    progress.start()
    await sleep(3300)
    return written
  }
  const [on, off] = await Promise.all([follow(true), follow(false)])
  expect([on, off]).toEqual(['tracespec: 7 spans, 2 traces after 3 s\n', ''])
})
