import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
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

test('it is a file of the Compose Specification, and what is no such file is refused', () => {
  const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
  const { $schema: _, ...schema } = anObject.parse(
    JSON.parse(file('../fixtures/compose-spec/compose_spec.json')),
  )
  // Formats of the schema's own, as `ports`, say no more than its types; its ids are of draft 4.
  const isCompose = new Ajv({ strict: false, validateFormats: false, logger: false })
    .removeKeyword('id')
    .addKeyword('id')
    .compile(schema)
  const ours: unknown = parse(file('../docker-compose.jaeger.yml'))
  expect([isCompose(ours), isCompose.errors]).toEqual([true, null])
  expect(isCompose({ services: { jaeger: { port: ['16686:16686'] } } })).toBe(false)
})

test('its ports are those that --forward jaeger and --from jaeger mean', () => {
  verifies('P-33')
  const text = readFileSync(new URL('../docker-compose.jaeger.yml', import.meta.url), 'utf8')
  const { services } = compose.parse(parse(text))
  const published = services.jaeger.ports.map((port) => port.split(':').slice(0, 2).join(':'))
  expect(published).toContain(new URL(JAEGER_OTLP).host)
  expect(published).toContain(new URL(localEndpoints.jaeger).host)
})

const anObject = z.record(z.string(), z.unknown())

const compose = z.object({
  services: z.object({ jaeger: z.object({ ports: z.array(z.string()) }) }),
})
