import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../src/runner/run-command.ts'
import { runOptions } from './run-options.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracespec-test-'))
  await writeFile(join(folder, 'app.js'), 'console.log(1)\n', { mode: 0o644 })
})
afterAll(() => rm(folder, { recursive: true }))

const missing = 'check the spelling; a program of the project may need its path, or `npx` before it'

test.for([
  {
    command: ['no-such-program-here'] as const,
    message: 'no-such-program-here cannot be started: it is not in any folder of PATH',
    hint: missing,
  },
  {
    command: ['./no-such-file'] as const,
    message: './no-such-file cannot be started: there is no such file',
    hint: missing,
  },
  {
    command: ['npm test'] as const,
    message: 'npm test cannot be started: there is no program of that name',
    hint: 'give the program and its arguments as separate words, without quotes around all of them',
  },
  {
    command: ['.'] as const,
    message: '. cannot be started: it is a folder',
    hint: 'name the program to run, as `node app.js`',
  },
  {
    command: ['./app.js'] as const,
    message: './app.js cannot be started: it is not executable',
    hint: 'run it with its interpreter, as `node ./app.js`, or make it executable with chmod +x',
  },
])('$command is a fault with a hint', async ({ command, message, hint }) => {
  const env = { PATH: process.env['PATH'] }
  await expect(runCommand(runOptions({ command, cwd: folder, env }))).rejects.toMatchObject({
    name: 'Fault',
    code: 'COMMAND_NOT_STARTED',
    message,
    hint,
  })
})

test('a folder that does not exist is a fault', async () => {
  const cwd = join(folder, 'gone')
  await expect(runCommand(runOptions({ cwd }))).rejects.toMatchObject({
    code: 'COMMAND_NOT_STARTED',
    message: `the folder ${cwd} does not exist`,
  })
})
