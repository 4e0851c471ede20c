import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyShop, place, program } from './tracespec.ts'

test('init learns the first spec from the last capture, and overwrites nothing', async () => {
  using project = place()
  await project.paste('rm tracespec.yaml')
  await project.run(['run', '--', ...program('json.mjs')])
  const first = await project.run(['init'])
  const spec = readFileSync(join(project.folder, 'specs/as-json.trace.yaml'), 'utf8')
  const config = readFileSync(join(project.folder, 'tracespec.yaml'), 'utf8')
  const second = await project.run(['init'])
  const checked = await project.run(['check', 'last'])
  expect([first.code, second.code, checked.code]).toEqual([0, 2, 0])
  expect(second.stderr).toContain('specs/as-json.trace.yaml is there already')
  expect(readFileSync(join(project.folder, 'specs/as-json.trace.yaml'), 'utf8')).toBe(spec)
  expect(spec.split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../.tracespec/trace-spec.schema.json',
  )
  expect(config).toContain('specs: specs\n')
})

test('init without a capture says how to make one', async () => {
  using project = place()
  await project.paste('rm tracespec.yaml')
  const done = await project.run(['init'])
  expect([done.code, done.stdout]).toEqual([
    4,
    [
      'wrote tracespec.yaml',
      'There is no span to learn a spec from yet. Capture a command, then run init again:',
      '    tracespec run -- COMMAND',
      '',
    ].join('\n'),
  ])
  expect(readdirSync(project.folder)).toEqual(['tracespec.yaml'])
})

test('the first spec of the shop holds on its next run, and not on its repaired one', async () => {
  using project = place()
  copyShop(project)
  await project.paste('rm -r specs')
  const command = ['run', '--', 'node', 'drive.mjs']
  const captured = await project.run(command)
  const first = await project.run(['init', '--name', 'as it is'])
  const again = await project.run(command)
  const changed = await project.paste('patch -p0 < fix.patch && tracespec run -- node drive.mjs')
  expect([captured.code, first.code, again.code, changed.code]).toEqual([4, 0, 0, 1])
  expect(readdirSync(join(project.folder, 'specs'))).toEqual(['as-it-is.trace.yaml'])
})
