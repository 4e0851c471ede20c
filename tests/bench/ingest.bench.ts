import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { payload, spansPerRequest } from './ingest-payload.ts'

// OTLP protobuf over HTTP to durable rows, in spans per CPU second of the receiving process, against JSON.parse alone of the
// same spans as OTLP JSON. Both are measured in turns, so that a busy machine slows both.
const rounds = 7
const requestsPerRound = 10

const folder = mkdtempSync(join(tmpdir(), 'tracespec-bench-'))
const program = fileURLToPath(new URL('ingest-receiver.ts', import.meta.url))
const receiver = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]()
const nextLine = async (): Promise<string> => String((await lines.next()).value)
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

try {
  const url = new URL('/v1/traces', await nextLine())
  // two rounds warm both up
  const results = []
  for (let round = 0; round < rounds + 2; round += 1) results.push(await measure(url, round))
  const measured = results.slice(2)
  for (const { ingest, parse } of measured) print('round', ingest, parse)
  const inOrder = measured.toSorted((a, b) => a.ingest / a.parse - b.ingest / b.parse)
  const middle = inOrder[Math.floor(rounds / 2)]
  if (middle !== undefined) print('median', middle.ingest, middle.parse)
} finally {
  receiver.stdin.end('end\n')
  agent.destroy()
  await once(receiver, 'exit')
  rmSync(folder, { recursive: true })
}

async function measure(
  url: URL,
  round: number,
): Promise<{ readonly ingest: number; readonly parse: number }> {
  const payloads = Array.from({ length: requestsPerRound }, (_, index) =>
    payload(1 + round * requestsPerRound + index),
  )
  const spans = payloads.length * spansPerRequest
  await cpuOfReceiver()
  for (const { protobuf } of payloads) await send(url, protobuf)
  const ingest = spans / (await cpuOfReceiver())
  const before = process.cpuUsage()
  for (const { json } of payloads) JSON.parse(json)
  const { user, system } = process.cpuUsage(before)
  return { ingest, parse: spans / (user + system) }
}

async function cpuOfReceiver(): Promise<number> {
  receiver.stdin.write('cpu\n')
  return Number(await nextLine())
}

async function send(url: URL, body: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
  const sending = request(url, { method: 'POST', agent, headers })
  const responding = new Promise<IncomingMessage>((resolve, reject) => {
    sending.on('response', resolve).on('error', reject)
  })
  sending.end(body)
  const response = await responding
  response.resume()
  await once(response, 'end')
  if (response.statusCode !== 200) throw new Error(`the receiver answered ${response.statusCode}`)
}

function print(label: string, ingest: number, parse: number): void {
  const thousands = (perMicrosecond: number): string => `${Math.round(perMicrosecond * 1000)}k`
  const ratio = (ingest / parse).toFixed(2)
  console.log(
    `${label}: ${thousands(ingest)} spans per CPU second to durable rows, JSON.parse alone ${thousands(parse)}, ratio ${ratio}`,
  )
}
