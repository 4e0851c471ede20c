import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { JAEGER_OTLP } from '../src/cli/forward.ts'
import { localEndpoints } from '../src/project/endpoint-url.ts'
import { verifies } from './verifies.ts'

test('the local Jaeger listens on loopback only, is bounded and says when it is ready', () => {
  const text = readFileSync(new URL('../docker-compose.jaeger.yml', import.meta.url), 'utf8')
  expect(parse(text)).toEqual({
    services: {
      jaeger: {
        image: expect.stringMatching(/^jaegertracing\/jaeger:2\.\d+\.\d+$/),
        ports: ['127.0.0.1:14317:4317', '127.0.0.1:14318:4318', '127.0.0.1:16686:16686'],
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

test('its ports are those that --forward jaeger and --from jaeger mean', () => {
  verifies('P-33')
  const text = readFileSync(new URL('../docker-compose.jaeger.yml', import.meta.url), 'utf8')
  const { services } = compose.parse(parse(text))
  const published = services.jaeger.ports.map((port) => port.split(':').slice(0, 2).join(':'))
  expect(published).toContain(new URL(JAEGER_OTLP).host)
  expect(published).toContain(new URL(localEndpoints.jaeger).host)
})

const compose = z.object({
  services: z.object({ jaeger: z.object({ ports: z.array(z.string()) }) }),
})
