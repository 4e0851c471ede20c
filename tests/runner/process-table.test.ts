import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import {
  commandLabel,
  parsePs,
  parseStat,
  processTable,
  psTable,
} from '../../src/runner/process-table.ts'

test('a name with spaces and parentheses does not shift the fields of /proc/PID/stat', () => {
  const rest = Array.from({ length: 49 }, (_, index) => String(index + 4))
  const fields = ['S', ...rest].join(' ')
  expect(parseStat(7, `7 (a) (b c) ${fields}`, 'node\0/app/server.js\0--secret=1\0')).toEqual({
    pid: 7,
    parent: 4,
    group: 5,
    session: 6,
    started: '22',
    ended: false,
    kernel: false,
    endSignal: 0,
    command: 'node server.js',
  })
})

test('a zombie has ended, by the signal that its status names', () => {
  const fields = Array.from({ length: 50 }, (_, index) => (index === 49 ? '9' : '0'))
  expect(parseStat(7, `7 (node) ${['Z', ...fields.slice(1)].join(' ')}`, '')).toMatchObject({
    ended: true,
    endSignal: 9,
    command: 'node',
  })
})

test('a command is called by base names and never by further arguments', () => {
  expect(
    [
      ['/usr/bin/node', '/app/server.js', '--token=x'],
      ['node', '--require', 'x', 'app.js'],
      ['sh'],
      [],
    ].map(commandLabel),
  ).toEqual(['node server.js', 'node', 'sh', ''])
})

test('lines of ps are read with their start time', () => {
  const text = [
    '    1     0     1 Ss   Fri Nov 20 09:00:00 2026 /sbin/init splash',
    '  812     1   812 Z+   Sat Nov 21 00:10:01 2026 [node] <defunct>',
    '',
  ].join('\n')
  expect(parsePs(text)).toMatchObject([
    { pid: 1, parent: 0, group: 1, ended: false, started: 'Fri Nov 20 09:00:00 2026' },
    { pid: 812, parent: 1, ended: true, started: 'Sat Nov 21 00:10:01 2026' },
  ])
})

test('both tables see the same process alike', async () => {
  const child = spawn('sleep', ['30'], { detached: true, stdio: 'ignore' })
  await once(child, 'spawn')
  try {
    const tables = [processTable(process.platform), psTable]
    const found = await Promise.all(tables.map((table) => table.rows(new Set())))
    const rows = found.map(({ rows: all }) => all.find((row) => row.pid === child.pid))
    const expected = { pid: child.pid, parent: process.pid, group: child.pid, ended: false }
    expect(rows).toMatchObject([expected, expected])
  } finally {
    child.kill('SIGKILL')
  }
})
