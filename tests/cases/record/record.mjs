// Records the traces of fixtures/cases/recorded-*: node tests/cases/record/record.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { text } from 'node:stream/consumers'

for (const [folder, forget] of [
  ['recorded-http', false],
  ['recorded-http-broken', true],
]) {
  await record(folder, ({ shop }) => post(shop, forget ? { 'x-forget-charge': '1' } : {}))
}
for (const [folder, forget] of [
  ['recorded-session', '0'],
  ['recorded-session-broken', '1'],
]) {
  await record(folder, async ({ shop, endpoint }) => {
    const session = program('session', endpoint, { SHOP_URL: shop, FORGET: forget })
    await once(session, 'exit')
  })
}

async function record(folder, drive) {
  const bodies = []
  const receiver = createServer(async (incoming, answer) => {
    bodies.push(JSON.parse(await text(incoming)))
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${receiver.address().port}`
  const pay = program('pay', endpoint)
  const payUrl = `http://127.0.0.1:${await portOf(pay)}/charge`
  const shop = program('shop', endpoint, { PAY_URL: payUrl })
  const shopUrl = `http://127.0.0.1:${await portOf(shop)}/checkout`
  await drive({ shop: shopUrl, endpoint })
  for (const child of [shop, pay]) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  receiver.close()
  const document = { resourceSpans: bodies.flatMap((body) => body.resourceSpans) }
  const path = new URL(`../../../fixtures/cases/${folder}/trace.otlp.json`, import.meta.url)
  await writeFile(path, `${JSON.stringify(document, null, 1)}\n`)
}

function program(name, endpoint, environment = {}) {
  const path = new URL(`${name}.cjs`, import.meta.url)
  const env = {
    ...process.env,
    ...environment,
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  }
  return spawn(process.execPath, [path.pathname], { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function portOf(child) {
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

async function post(url, headers) {
  const sent = request(url, { method: 'POST', headers })
  const [answer] = await once(sent.end(), 'response')
  await text(answer)
}
