import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { schemaText } from '../../src/report/schema-text.ts'
import { sessionSchema, sessionsSchema } from '../../src/report/session-schema.ts'
import { specDiffSchema, specHistorySchema } from '../../src/report/spec-evolution-schema.ts'
import { connect } from '../mcp/host.ts'
import { copyShop, place, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'

const sources: Readonly<Record<string, z.ZodType>> = {
  session: sessionSchema,
  sessions: sessionsSchema,
  'spec-history': specHistorySchema,
  'spec-diff': specDiffSchema,
}

function publishedText(name: string): string {
  return readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')
}

test.for(Object.entries(sources))(
  'the published schema of %s is the one that the types give; else run scripts/generate-session-schemas.ts',
  ([name, source]) => {
    const title = `tracespec ${name.replace('-', ' ')}, version 1`
    expect(publishedText(name)).toBe(schemaText(title, source))
  },
)

const validators = Object.fromEntries(
  Object.keys(sources).map((name) => [
    name,
    new Ajv2020({ allErrors: true }).compile(JSON.parse(publishedText(name)) as object),
  ]),
)

/** What a command prints with --json, which keeps to its schema. */
async function printed(
  project: Place,
  name: string,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await project.run([...args, '--json'])
  expect(stderr).toBe('')
  const document = JSON.parse(stdout) as Record<string, unknown>
  const validate = validators[name]
  validate?.(document)
  expect(validate?.errors ?? []).toEqual([])
  expect(sources[name]?.parse(document)).toEqual(document)
  return document
}

const run = ['run', '--', 'node', 'drive.mjs']
const weaker = [
  '`checkout` asks for less: `count.min` of `SELECT products` allows more: 1 before, 0 now. (specs/checkout.trace.yaml:',
  '`checkout` asks for less: `count.max` of `SELECT products` allows more: 1 before, 9 now. (specs/checkout.trace.yaml:',
  '`checkout` asks for less: `POST /authorize` is no longer expected. (specs/checkout.trace.yaml:',
]

test('what a session and a spec print keeps to its schema, and a spec that asks for less is told line by line', async () => {
  verifies('P-16', 'P-03')
  using project = place()
  copyShop(project)
  await project.run(['session', 'start', '--goal', 'authorize', '--spec', 'checkout'])
  expect(await printed(project, 'session', ['session', 'status'])).toMatchObject({
    status: 'no_runs',
  })
  await project.run(run)
  expect(await printed(project, 'session', ['session', 'status'])).toMatchObject({
    status: 'red',
    iterations: { items: [{ weaker: { items: [], total: 0 } }] },
  })

  const path = 'specs/checkout.trace.yaml'
  const before = readFileSync(`${project.folder}/${path}`, 'utf8')
  const softened = before
    .replace('count: 1', 'count: { min: 0, max: 9 }')
    .replace(
      / {6}- operation_name: POST \/authorize\n[^]*?(?= {6}- operation_name: POST \/charge)/,
      '',
    )
  project.write(path, softened)
  const green = await project.run(run)
  for (const line of weaker) expect(green.stdout).toContain(`\n${line}`)
  const { stdout: agent } = await project.run(['session', 'status', '--format', 'agent'])
  for (const line of weaker) expect(agent).toContain(`\nweaker 2: ${line}`)
  const { stdout: text } = await project.run(['session', 'status'], { env: { COLUMNS: '200' } })
  for (const line of weaker) expect(text).toContain(line)
  const status = await printed(project, 'session', ['session', 'status'])
  expect(status).toMatchObject({
    iterations: {
      items: [
        { weaker: { total: 0 } },
        {
          specs_changed: ['checkout'],
          weaker: { items: [{ code: 'widened' }, { code: 'widened' }, { code: 'removed' }] },
        },
      ],
    },
  })
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('get_session_progress')
  const { items } = structured['iterations'] as { items: Record<string, { items: unknown[] }>[] }
  expect(items[1]?.['weaker']?.items).toEqual(
    weaker.map((line) => ({
      at: expect.stringMatching(/^specs\/checkout\.trace\.yaml:\d+:\d+$/),
      message: line.slice(0, line.indexOf(' (')),
    })),
  )
  expect(structured['summary']).toContain('in 3 places')

  project.write(path, before)
  const again = await project.run(run)
  expect(again.stdout).not.toContain('asks for less')
  await printed(project, 'session', ['session', 'end'])
  expect(await printed(project, 'sessions', ['session', 'list'])).toMatchObject({
    sessions: { items: [{ iterations: 3 }] },
  })
  expect(await printed(project, 'spec-history', ['spec', 'history', 'checkout'])).toMatchObject({
    versions: { total: 2 },
  })
  expect(await printed(project, 'spec-diff', ['spec', 'diff', 'checkout'])).toMatchObject({
    change: { kind: 'compared' },
  })
})
