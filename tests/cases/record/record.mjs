// Records the traces of fixtures/cases/recorded-*: node tests/cases/record/record.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { text } from 'node:stream/consumers'

await record('recorded-http', (shop) => post(shop, {}))
await record('recorded-http-broken', (shop) => post(shop, { 'x-forget-charge': '1' }))
await record('recorded-session', (shop, endpoint) => session(shop, endpoint, '0'))
await record('recorded-session-broken', (shop, endpoint) => session(shop, endpoint, '1'))

/**
 * @param {string} folder
 * @param {(shop: string, endpoint: string) => Promise<void>} drive
 */
async function record(folder, drive) {
  /** @type {unknown[]} */
  const resourceSpans = []
  const receiver = createServer((incoming, answer) => {
    void text(incoming).then((body) => {
      resourceSpans.push(...JSON.parse(body).resourceSpans)
      answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${receiver.address().port}`
  const pay = program('pay', endpoint)
  const payUrl = `http://127.0.0.1:${await portOf(pay)}/charge`
  const shop = program('shop', endpoint, { PAY_URL: payUrl })
  const shopUrl = `http://127.0.0.1:${await portOf(shop)}/checkout`
  await drive(shopUrl, endpoint)
  for (const child of [shop, pay]) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  receiver.close()
  const path = new URL(`../../../fixtures/cases/${folder}/trace.otlp.json`, import.meta.url)
  await writeFile(path, `${JSON.stringify({ resourceSpans }, null, 1)}\n`)
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

async function session(shop, endpoint, forget) {
  const child = program('session', endpoint, { SHOP_URL: shop, FORGET: forget })
  await once(child, 'exit')
}

async function post(url, headers) {
  const sent = request(url, { method: 'POST', headers })
  const [answer] = await once(sent.end(), 'response')
  await text(answer)
}
