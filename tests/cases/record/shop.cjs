'use strict'
const { tracer, shutdown } = require('./tracing.cjs')
const http = require('node:http')

/** Sells: validates the cart, then has the payment service charge; with a header it forgets to. */
const server = http.createServer((request, answer) => {
  tracer.startActiveSpan('validate cart', (span) => span.end())
  const done = (status) => answer.writeHead(status).end()
  if (request.headers['x-forget-charge'] === '1') return done(201)
  const charge = http.request(process.env.PAY_URL, { method: 'POST' }, (charged) => {
    charged.resume().on('end', () => done(charged.statusCode === 200 ? 201 : 502))
  })
  charge.end()
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

process.on('SIGTERM', () => {
  server.close()
  void shutdown().then(() => process.exit(0))
})
