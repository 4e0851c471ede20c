import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { span } from '../trace/spans.ts'
import { post } from './post.ts'

const program = fileURLToPath(new URL('receive.ts', import.meta.url))

async function receive(
  folder: string,
  runId: string,
): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [program, folder, runId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    return { process: child, url: line }
  }
  throw new Error('the receiver did not start')
}

/** Sends requests of 50 spans until the receiver is gone; returns how many were acknowledged. */
async function sendUntilKilled(url: string, trace: number, kill: () => void): Promise<number> {
  let acknowledged = 0
  for (let request = 0; ; request += 1) {
    const spans = Array.from({ length: 50 }, (_, index) =>
      span({ id: request * 50 + index, trace }),
    )
    const posted = await post(`${url}/v1/traces`, encodeTraces(spans), {
      'content-type': 'application/x-protobuf',
    }).catch(() => undefined)
    if (posted?.status !== 200) return acknowledged
    acknowledged += 50
    if (request === 20) kill()
  }
}

test('what was acknowledged is there after SIGKILL, with two writers at once', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, '.tracespec')
  const receivers = await Promise.all(['one', 'two'].map((runId) => receive(path, runId)))
  const acknowledged = await Promise.all(
    receivers.map(async ({ process: receiver, url }, index) => {
      const count = await sendUntilKilled(url, index + 1, () => receiver.kill('SIGKILL'))
      if (receiver.exitCode === null && receiver.signalCode === null) await once(receiver, 'exit')
      return count
    }),
  )
  await using store = openStore({ folder: path })
  for (const [index, runId] of ['one', 'two'].entries()) {
    const count = acknowledged[index] ?? 0
    expect(count).toBeGreaterThanOrEqual(21 * 50)
    const kept = new Set((await store.spansOfRun(runId)).map((each) => each.spanId))
    const missing = Array.from({ length: count }, (_, id) => span({ id }).spanId).filter(
      (id) => !kept.has(id),
    )
    expect(missing).toEqual([])
  }
})
