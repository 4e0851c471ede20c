import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { span, traceId } from '../trace/spans.ts'

const run = promisify(execFile)
const parts = fileURLToPath(new URL('../../src/sources/file-parts.ts', import.meta.url))

const count = `
  const { readTraceParts } = await import(process.argv[1])
  let spans = 0
  for await (const part of readTraceParts(process.argv[2])) spans += part.spans.length
  console.log(spans)
`

test('JSON lines of 100,000 spans are read in a heap that could not hold them', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'large.jsonl')
  const line = encodeTracesJson(Array.from({ length: 500 }, (_, id) => span({ id: id + 1 })))
  const lines = Array.from(
    { length: 200 },
    (_, trace) => `${line.replaceAll(traceId(1), traceId(trace + 1))}\n`,
  )
  await pipeline(lines, createWriteStream(path))
  const { stdout } = await run(process.execPath, [
    '--max-old-space-size=64',
    '--input-type=module',
    '--eval',
    count,
    parts,
    path,
  ])
  expect(stdout).toBe('100000\n')
}, 60_000)
