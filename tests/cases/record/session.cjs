'use strict'
const { tracer, shutdown } = require('./tracing.cjs')
const http = require('node:http')

/** A test runner: one session span over three requests, one after the other. */
const order = (headers) =>
  new Promise((resolve, reject) => {
    const request = http.request(process.env.SHOP_URL, { method: 'POST', headers }, (answer) => {
      answer.resume().on('end', resolve)
    })
    request.on('error', reject).end()
  })

void tracer.startActiveSpan('test session', async (session) => {
  await order({})
  await order({})
  await order(process.env.FORGET === '1' ? { 'x-forget-charge': '1' } : {})
  session.end()
  await shutdown()
})
