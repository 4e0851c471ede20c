'use strict'
const { tracer, shutdown } = require('./tracing.cjs')
const http = require('node:http')

/** Pays: authorizes each charge. */
const server = http.createServer((request, answer) => {
  tracer.startActiveSpan('authorize', (span) => {
    answer.writeHead(200).end()
    span.end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

process.on('SIGTERM', () => {
  server.close()
  void shutdown().then(() => process.exit(0))
})
