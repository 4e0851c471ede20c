import fc from 'fast-check'
import { PbfWriter } from 'pbf'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../../src/otlp/decode.ts'
import { encodeTraces } from '../../../src/otlp/encode.ts'
import { requestFromJson, requestOf } from '../../../src/otlp/from-json.ts'
import { messageToJson } from '../../../src/otlp/to-json.ts'
import type { Span } from '../../../src/trace/span.ts'
import { buildTrace } from '../../../src/trace/tree.ts'
import { spanArbitrary } from '../../otlp/arbitrary.ts'
import { fixture } from '../../otlp/fixture.ts'
import { defined } from '../../trace/defined.ts'
import { span, spanId, traceId } from '../../trace/spans.ts'
import type { OpenTemporary } from './open.ts'

function sorted(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
}

/** What a store keeps of requests. */
export function describeSpans(open: OpenTemporary): void {
  test('the rich trace is the same after protobuf, the store and a file', async () => {
    await using opened = await open()
    const { store } = opened
    const sent = decodeTraces(fixture('recorded/rich.otlp.pb')).spans
    const accepted = await store.write('traces', fixture('recorded/rich.otlp.pb'), 'r')
    expect(accepted).toEqual({ stored: 10, rejected: 0, message: '' })
    expect(sorted(await store.spansOfRun('r'))).toEqual(sorted(sent))
    expect(sorted(decodeTraces(await store.requestOfRun('r')).spans)).toEqual(sorted(sent))
    const json = messageToJson(await store.requestOfRun('r'), requestOf.traces)
    expect(sorted(decodeTraces(requestFromJson(json, 'traces')).spans)).toEqual(sorted(sent))
  })

  test('any spans are the same after the store', async () => {
    await using opened = await open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(spanArbitrary, { selector: (each) => each.spanId, maxLength: 4 }),
        async (spans) => {
          run += 1
          await opened.store.write('traces', encodeTraces(spans), `r${run}`)
          expect(sorted(await opened.store.spansOfRun(`r${run}`))).toEqual(sorted(spans))
        },
      ),
    )
  })

  test('one trace of the rich request is read by its id', async () => {
    await using opened = await open()
    await opened.store.write('traces', fixture('recorded/rich.otlp.pb'), 'r')
    const sent = decodeTraces(fixture('recorded/rich.otlp.pb')).spans
    const id = defined(sent[0]).traceId
    expect(sorted(await opened.store.spansOfTrace(id))).toEqual(
      sorted(sent.filter((each) => each.traceId === id)),
    )
  })

  test('a request in JSON is a retry of the same request in protobuf', async () => {
    await using opened = await open()
    const json = fixture('recorded/rich.otlp.json').toString()
    await opened.store.write('traces', fixture('recorded/rich.otlp.pb'), 'r')
    const accepted = await opened.store.write('traces', requestFromJson(json, 'traces'), 'r')
    expect(accepted).toEqual({ stored: 10, rejected: 0, message: '' })
    expect(await opened.store.counts('r')).toEqual({ spans: 10, traces: 2 })
  })

  test('fields newer than tracespec survive at every level', async () => {
    await using opened = await open()
    const request = new PbfWriter()
    request.writeMessage(1, writeGroup, 'resource')
    request.writeStringField(1001, 'in the request')
    await opened.store.write('traces', request.finish(), 'r')
    const kept = Buffer.from(await opened.store.requestOfRun('r')).toString('latin1')
    const levels = ['request', 'group', 'resource', 'scope group', 'scope', 'span', 'event']
    expect(levels.filter((level) => !kept.includes(`in the ${level}`))).toEqual([])
    expect(
      decodeTraces(await opened.store.requestOfRun('r')).spans.map((each) => each.name),
    ).toEqual(['a'])

    function writeGroup(_: string, writer: PbfWriter): void {
      writer.writeMessage(1, unknown, 'in the resource')
      writer.writeMessage(2, writeScopeGroup, '')
      writer.writeStringField(1001, 'in the group')
    }

    function writeScopeGroup(_: string, writer: PbfWriter): void {
      writer.writeMessage(2, writeSpan, '')
      writer.writeMessage(1, unknown, 'in the scope')
      writer.writeStringField(1001, 'in the scope group')
    }

    function writeSpan(_: string, writer: PbfWriter): void {
      writer.writeBytesField(1, Buffer.from(traceId(1), 'hex'))
      writer.writeBytesField(2, Buffer.from(spanId(1), 'hex'))
      writer.writeStringField(5, 'a')
      writer.writeMessage(11, unknown, 'in the event')
      writer.writeStringField(1001, 'in the span')
    }

    function unknown(text: string, writer: PbfWriter): void {
      writer.writeStringField(1001, text)
    }
  })

  test('a retry is stored once, whatever is sent with it', async () => {
    await using opened = await open()
    const { store } = opened
    const spans = [1, 2, 3].map((id) => span({ id }))
    await store.write('traces', encodeTraces(spans), 'r')
    const again = await store.write(
      'traces',
      encodeTraces([...spans, span({ id: 4 })].toReversed()),
      'r',
    )
    expect(again.stored).toBe(4)
    expect(await store.counts('r')).toEqual({ spans: 4, traces: 1 })
    expect(sorted(await store.spansOfRun('r'))).toEqual([...spans, span({ id: 4 })])
  })

  test('equal ids with other content are both kept and are a defect', async () => {
    await using opened = await open()
    const sharing = [
      span({ id: 1, name: 'a' }),
      span({ id: 1, name: 'b' }),
      span({ id: 1, name: 'a', kind: 'server' }),
    ]
    await opened.store.write('traces', encodeTraces(sharing), 'r')
    await opened.store.write('traces', encodeTraces(sharing), 'r')
    const trace = buildTrace(await opened.store.spansOfRun('r'))
    expect(trace.spans).toHaveLength(3)
    expect(trace.defects).toContainEqual({
      code: 'duplicate_id',
      spanId: spanId(1),
      spans: [0, 1, 2],
    })
  })

  test('the same spans in another run are spans of that run, and the trace is that of the newest', async () => {
    await using opened = await open()
    const { store } = opened
    await store.write('traces', encodeTraces([span({ id: 1 }), span({ id: 2 })]), 'first')
    await store.write('traces', encodeTraces([span({ id: 1 })]), 'second')
    expect([(await store.counts('first')).spans, (await store.counts('second')).spans]).toEqual([
      2, 1,
    ])
    expect(await store.spansOfTrace(traceId(1))).toEqual([span({ id: 1 })])
  })

  test('what each run saw of a trace, and what came outside of runs, is told apart', async () => {
    await using opened = await open()
    const { store } = opened
    await store.write('traces', encodeTraces([span({ id: 1 })]), 'first')
    await store.write('traces', encodeTraces([span({ id: 2 })]), null)
    await store.write('traces', encodeTraces([span({ id: 3 })]), 'second')
    const runs = await store.runsOfTrace(traceId(1))
    expect(runs).toEqual(['second', null, 'first'])
    const seen = await Promise.all(runs.map((run) => store.spansOfTrace(traceId(1), run)))
    expect(seen).toEqual([[span({ id: 3 })], [span({ id: 2 })], [span({ id: 1 })]])
    expect(await store.runsOfTrace(traceId(2))).toEqual([])
  })

  test('2,000 spans of one id and one time are told apart by their content', async () => {
    await using opened = await open()
    const spans = Array.from({ length: 2_000 }, (_, index) =>
      span({ id: 1, start: 1, name: String(index).padStart(5, '0') }),
    )
    await opened.store.write('traces', encodeTraces(spans), 'r')
    await opened.store.write('traces', encodeTraces(spans), 'r')
    expect(await opened.store.counts('r')).toEqual({ spans: 2_000, traces: 1 })
  })

  test('a span without valid ids is rejected and counted, the others are kept', async () => {
    await using opened = await open()
    const ids = '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId"'
    const spans = `{${ids}:"b7ad6b7169203331"},{${ids}:"0000000000000000"},{"name":"x"},{${ids}:"b7ad6b7169203332","parentSpanId":"b7"}`
    const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`
    expect(await opened.store.write('traces', requestFromJson(text, 'traces'), 'r')).toEqual({
      stored: 1,
      rejected: 3,
      message: '3 spans have no valid ids and are not kept',
    })
    expect(await opened.store.counts('r')).toEqual({ spans: 1, traces: 1 })
  })

  test('a request that is damaged in its last span leaves nothing behind', async () => {
    await using opened = await open()
    const good = encodeTraces([span({ id: 1 })])
    const bad = Buffer.concat([
      good,
      encodeTraces([span({ id: 2, attributes: new Map([['k', 'v']]) })]),
    ])
    // the length of the attribute's text, the last byte but one
    const at = bad.lastIndexOf('v') - 1
    bad[at] = 100
    await expect(opened.store.write('traces', bad, 'r')).rejects.toThrow(
      expect.objectContaining({ code: 'TRACE_INVALID' }),
    )
    expect(await opened.store.counts('r')).toEqual({ spans: 0, traces: 0 })
  })

  test.for(['logs', 'metrics'] as const)(
    '%s are kept and a retry is no second one',
    async (signal) => {
      await using opened = await open()
      const text = fixture(`opentelemetry-proto/${signal}.json`).toString()
      const request = requestFromJson(text, signal)
      const first = await opened.store.write(signal, request, 'r')
      expect(first).toEqual({ stored: signal === 'logs' ? 1 : 4, rejected: 0, message: '' })
      expect(await opened.store.write(signal, request, 'r')).toEqual(first)
    },
  )
}
