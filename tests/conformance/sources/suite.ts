import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { comparable } from './comparable.ts'
import { turnsPages } from './pages.ts'
import { answersSearches } from './searches.ts'
import { fullTrace, idOf, newTraceId } from './traces.ts'
import { give, type SourceUnderTest } from './under-test.ts'

/** What every source of traces must do. It may hold traces of others. */
export function describeSource(name: string, make: () => Promise<SourceUnderTest>): void {
  describe(`a source: ${name}`, () => {
    let made: SourceUnderTest | undefined
    beforeAll(async () => {
      made = await make()
    })
    afterAll(() => made?.[Symbol.asyncDispose]())
    const subject = (): SourceUnderTest => {
      if (made === undefined) throw new Error(`${name} was not made`)
      return made
    }
    describe('a trace', () => {
      readsTraces(subject)
    })
    describe('a search', () => {
      answersSearches(subject)
    })
    describe('pages', () => {
      turnsPages(subject)
    })
  })
}

function readsTraces(subject: () => SourceUnderTest): void {
  test.for([
    { story: 'of 128 bits', digits: 32 },
    { story: 'that begins with eight zero bytes', digits: 16 },
    { story: 'of a few digits', digits: 13 },
  ])('has all spans, equal up to its losses: an id $story', async ({ digits }) => {
    const sent = fullTrace(newTraceId(digits))
    await give(subject(), [sent])
    const read = await subject().source.trace(idOf(sent))
    const losses = read?.losses ?? subject().source.capabilities.losses
    expect({ cut: read?.cut, spans: comparable(read?.spans ?? [], { losses, sent }) }).toEqual({
      cut: undefined,
      spans: comparable(sent, { losses, sent }),
    })
  })

  test('loses no more than is declared beforehand', async () => {
    const sent = fullTrace(newTraceId())
    await give(subject(), [sent])
    const read = await subject().source.trace(idOf(sent))
    // What a file loses is told by its content.
    const { kind, losses: declared } = subject().source.capabilities
    const losses = kind === 'file' ? (read?.losses ?? declared) : declared
    expect(comparable(read?.spans ?? [], { losses, sent })).toEqual(
      comparable(sent, { losses, sent }),
    )
  })

  test('that nobody knows is undefined', async () => {
    expect(await subject().source.trace(newTraceId())).toBeUndefined()
  })

  test('is not asked for when the caller has given up', async () => {
    const reason = new Error('given up')
    const asked = subject().source.trace(newTraceId(), AbortSignal.abort(reason))
    await expect(asked).rejects.toBe(reason)
  })
}
