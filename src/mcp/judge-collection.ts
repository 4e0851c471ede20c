import { setImmediate } from 'node:timers/promises'
import { openTally, type CollectionFacts } from '../app/collection.ts'
import { foundMembers, namedMembers, type Member } from '../app/collection-members.ts'
import { judgeMember } from '../app/judge.ts'
import type { ChosenSpec } from '../app/spec-files.ts'
import { parseTraceFilter } from '../app/trace-filter.ts'
import { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import type { Call } from './call.ts'
import { openCaptureIn, openSpecsIn, type Knowing } from './captures.ts'

export interface CollectionAsked {
  readonly spec: string
  readonly trace_ids?: readonly string[] | undefined
  readonly query?: string | undefined
  readonly k?: readonly number[] | undefined
}

export interface JudgedCollection {
  readonly spec: ChosenSpec
  readonly facts: CollectionFacts
  readonly unknown: readonly string[]
  /** Found by the query, and not judged. */
  readonly left: number
}

const DEFAULT_KS = [3, 5, 10]
const MOST = 20_000
const KEPT_WORST = 50
// Few are shown of each capture; all are counted.
const FINDINGS = 50

/** Judges one capture after the other, keeping none of them. */
export async function judgeCollection(
  asked: CollectionAsked,
  call: Call,
): Promise<JudgedCollection> {
  await using wire = await call.open()
  const [spec] = await openSpecsIn(wire, [asked.spec])
  if (spec === undefined) throw new RangeError('a spec that is named is chosen')
  const { members, total, isNamed } = await membersOf(asked, wire)
  const tally = openTally({ file: spec, ks: asked.k ?? DEFAULT_KS, worst: KEPT_WORST })
  const unknown: string[] = []
  let taken = 0
  for await (const { reference, capture } of members) {
    taken += 1
    if (capture === undefined) unknown.push(reference)
    else tally.add(reference, capture, judgeMember(spec, capture, demandsOf(isNamed)))
    if (taken % 50 === 0) await tell(call, taken, total)
    if (call.signal.aborted) break
  }
  const left = total - taken
  return { spec, facts: tally.facts({ unknown: unknown.length, left }), unknown, left }
}

/** Others get a turn, as what cancels the call. */
async function tell(call: Call, taken: number, total: number): Promise<void> {
  call.progress(`${taken} of ${total} traces judged`)
  await setImmediate()
}

function demandsOf(isNamed: boolean): Parameters<typeof judgeMember>[2] {
  return {
    specsNamed: isNamed,
    captureNamed: isNamed,
    requireAll: false,
    exercisedBefore: [],
    limit: FINDINGS,
  }
}

interface Members {
  readonly members: AsyncIterable<Member>
  readonly total: number
  /** What is named is judged; what is found may be about something else. */
  readonly isNamed: boolean
}

/** One capture has one name of these. */
function nameless(reference: string): string {
  return reference.replace(/^(?:trace|run):/, '').toLowerCase()
}

async function membersOf({ trace_ids: ids, query }: CollectionAsked, wire: Wire): Promise<Members> {
  if ((ids === undefined) === (query === undefined)) {
    throw new Fault('USAGE', 'either trace_ids or query says what is judged', {
      hint: 'as in: {"spec": "checkout", "query": "service=shop since=1h"}',
    })
  }
  const store = await wire.existingStore()
  if (store === undefined) {
    throw new Fault('TRACE_NOT_FOUND', 'nothing was captured in this project yet')
  }
  const ports = {
    store,
    open: (reference: string, runOf: NonNullable<Knowing['runOf']>) =>
      openCaptureIn(wire, reference, { runOf }),
  }
  if (ids !== undefined) {
    const distinct = [...new Map(ids.map((id) => [nameless(id), id])).values()]
    return { members: namedMembers(distinct, ports), total: distinct.length, isNamed: true }
  }
  const filter = parseTraceFilter(query ?? '', wire.now())
  const { total } = await store.search({ ...filter, limit: 1 })
  return { members: foundMembers(filter, MOST, ports), total, isNamed: false }
}
