import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

test('the local Jaeger listens on loopback only, is bounded and says when it is ready', () => {
  const text = readFileSync(new URL('../docker-compose.jaeger.yml', import.meta.url), 'utf8')
  expect(parse(text)).toEqual({
    services: {
      jaeger: {
        image: expect.stringMatching(/^jaegertracing\/jaeger:2\.\d+\.\d+$/),
        ports: ['127.0.0.1:4317:4317', '127.0.0.1:4318:4318', '127.0.0.1:16686:16686'],
        healthcheck: {
          test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:13133/status'],
          interval: '5s',
          timeout: '3s',
          retries: 12,
          start_period: '5s',
        },
        mem_limit: '1g',
        restart: 'unless-stopped',
      },
    },
  })
})
