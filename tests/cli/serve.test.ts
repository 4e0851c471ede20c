import { describe, expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { listen } from '../../src/receiver/listen.ts'
import { resultSchema } from '../../src/report/result-schema.ts'
import { runAttribute } from '../../src/trace/run-attribute.ts'
import { temporaryStore } from '../store/temporary.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { anyPort, send, serve } from './serving.ts'
import { place, program, type Finished } from './tracespec.ts'

describe.concurrent('a receiver for programs that run already', () => {
  test('takes HTTP and gRPC on either port and lists what comes', async () => {
    verifies('P-22', 'P-25', 'P-33')
    using project = place()
    const serving = await serve(project)
    await send('protobuf.mjs', serving.urls[1])
    await serving.until('as protobuf')
    await send('grpc-exporter.mjs', serving.urls[0])
    const listed = await serving.until('over grpc')
    const { code, stderr } = await serving.stop()
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('2 spans came; list their traces with: tracespec traces\n'),
    ])
    const [, id = ''] = /over grpc[^]*trace:([0-9a-f]{32})/.exec(listed) ?? []
    project.write(
      'specs/grpc.trace.yaml',
      'name: grpc\nexpected_spans: [{ operation_name: over grpc }]\n',
    )
    expect((await project.run(['check', `trace:${id}`])).code).toBe(0)
  })

  test('lists only what the filter lets through, also as JSON lines', async () => {
    verifies('P-22', 'P-06')
    using project = place()
    const serving = await serve(project, '--json', 'operation="as protobuf"')
    await send('json.mjs', serving.urls[0])
    await send('protobuf.mjs', serving.urls[0])
    const listed = await serving.until('as protobuf')
    await serving.stop()
    expect(JSON.parse(listed)).toMatchObject({ root: 'as protobuf', spans: 1, run: null })
  })

  test('what names a run that has ended changes nothing of its verdict', async () => {
    verifies('P-22', 'X-02')
    using project = place({
      'json.trace.yaml': 'name: json\nexpected_spans: [{ operation_name: of a stranger }]\n',
    })
    const judged = await project.run([
      'run',
      '--json',
      '--spec',
      'json',
      '--',
      ...program('json.mjs'),
    ])
    const { run } = resultSchema.parse(JSON.parse(judged.stdout))
    const serving = await serve(project, '--json')
    const marked = { ...resource('stranger'), attributes: new Map([[runAttribute, run?.id ?? '']]) }
    const body = Uint8Array.from(
      encodeTraces([span({ id: 1, name: 'of a stranger', resource: marked })]),
    )
    const headers = { 'content-type': 'application/x-protobuf' }
    await fetch(`${serving.urls[0]}/v1/traces`, { method: 'POST', body, headers })
    await serving.until('of a stranger')
    await serving.stop()
    const again = await project.run(['check', `run:${run?.id}`, '--spec', 'json'])
    expect([judged.code, again.code]).toEqual([1, 1])
  })

  test('passes everything on, and loses nothing when nobody is there', async () => {
    verifies('P-33')
    await using opened = temporaryStore()
    await using jaeger = await listen({ sink: opened.store, runId: 'passed on' })
    using project = place()
    const serving = await serve(project, '--forward', jaeger.url)
    await send('protobuf.mjs', serving.urls[0])
    await serving.until('as protobuf')
    const { stderr } = await serving.stop()
    expect(stderr).toContain(`1 requests were passed on to ${jaeger.url}\n`)
    expect((await opened.store.counts('passed on')).spans).toBe(1)

    const alone = await serve(project, '--forward', 'http://127.0.0.1:9')
    await send('json.mjs', alone.urls[0])
    await alone.until('as json')
    expect((await alone.stop()).stderr).toMatch(
      /0 requests were passed on .*, 1 were not \(.+\); nothing is lost here/,
    )
  })

  test('a run passes on what it captures, and its verdict is its own', async () => {
    verifies('P-33')
    await using opened = temporaryStore()
    await using jaeger = await listen({ sink: opened.store, runId: 'passed on' })
    using project = place({
      'json.trace.yaml': 'name: json\nexpected_spans: [{ operation_name: as json }]\n',
    })
    const run = (url: string): Promise<Finished> =>
      project.run(['run', '--forward', url, '--', ...program('json.mjs')])
    expect((await run(jaeger.url)).code).toBe(0)
    expect((await opened.store.counts('passed on')).spans).toBe(1)
    const alone = await run('http://127.0.0.1:9')
    expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining('nothing is lost here')])
  })

  test('a port that is taken, a filter and a target that are none are said before anything starts', async () => {
    using project = place()
    const serving = await serve(project)
    const taken = new URL(serving.urls[0] ?? '').port
    const refused = await Promise.all([
      project.run(['serve', '--port', taken, '--grpc-port', '0']),
      project.run(['serve', ...anyPort, 'status=what']),
      project.run(['serve', ...anyPort, '--forward', 'ftp://127.0.0.1']),
      project.run(['serve', ...anyPort, '--forward', 'http://:s3cret@127.0.0.1']),
      project.run(['serve', '--port', '70000']),
    ])
    await serving.stop()
    expect(refused[0].stderr).toContain('end what listens there, or receive on another port')
    expect(refused.map(({ code, stderr }) => [code, stderr.split('\n', 1)[0]])).toEqual([
      [2, expect.stringContaining(`port ${taken} is in use`)],
      [2, expect.stringContaining('status')],
      [2, expect.stringContaining('--forward takes jaeger or a URL')],
      [2, expect.stringContaining('--forward takes jaeger or a URL')],
      [2, expect.stringContaining('write a port from 0 to 65535')],
    ])
  })
})
