import { describe, expect, test } from 'vitest'
import { joinedLosses } from '../../../src/trace/losses.ts'
import type { SourceTrace } from '../../../src/trace/source.ts'
import { verifies } from '../../verifies.ts'
import { give, type SourceUnderTest } from '../sources/under-test.ts'
import { stories, type Story } from './stories.ts'
import { comparableVerdict, decidedChecks, openedChecks, sent, verdictOf } from './verdicts.ts'

/** A way from a program's spans to us. */
export interface Way {
  readonly name: string
  readonly make: () => Promise<SourceUnderTest>
  /** By story: the checks that a declared loss opens, each with what it is without the loss. */
  readonly opens?: Readonly<Record<string, readonly string[]>>
}

/** The same traces by any way, the same verdict, byte for byte where no loss opens a check. */
export function describeSameVerdict({ name: by, make, opens = {} }: Way): void {
  describe(`the same verdict by ${by}`, () => {
    test.for(stories())('on $name', async (story) => {
      verifies('X-11')
      await using subject = await make()
      const read = await roundTrip(subject, story)
      const verdicts = story.specs.map(({ file }) => ({
        original: verdictOf(file, sent(story.spans)),
        here: verdictOf(file, read),
      }))
      expect(verdicts.map(({ original }) => original.status)).toEqual(
        story.specs.map(({ status }) => status),
      )
      const opened = verdicts.flatMap(({ original, here }) => openedChecks(original, here))
      expect([...new Set(opened)]).toEqual(opens[story.name] ?? [])
      const compared = verdicts.map(({ original, here }) => {
        if (story.name in opens) return [decidedChecks(here, here), decidedChecks(original, here)]
        return [here, original].map((one) => comparableVerdict(one, read.losses))
      })
      expect(compared.map(([here]) => here)).toEqual(compared.map(([, expected]) => expected))
    })
  })
}

async function roundTrip(subject: SourceUnderTest, { spans }: Story): Promise<SourceTrace> {
  const traces = [...Map.groupBy(spans, ({ traceId }) => traceId)]
  await give(
    subject,
    traces.map(([, members]) => members),
  )
  const read: SourceTrace[] = []
  for (const [id] of traces) {
    const trace = await subject.source.trace(id)
    if (trace === undefined) throw new Error(`the trace ${id} is gone again`)
    read.push(trace)
  }
  return {
    spans: read.flatMap((trace) => trace.spans),
    losses: joinedLosses(read.map(({ losses }) => losses)),
    cut: read.find(({ cut }) => cut !== undefined)?.cut,
  }
}
