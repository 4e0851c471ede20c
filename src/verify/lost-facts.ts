import type { EvidenceReason } from '../trace/evidence.ts'
import { lossesApart, lossless, type Losses, type LostFacts } from '../trace/losses.ts'

/** Why checks are open, by what the form lost. */
export type LostFactsOf = (checks: readonly string[]) => readonly EvidenceReason[]

/**
 * Finds out which lost facts leave a check open by deciding once more as if that alone were lost; where only several together
 * do, all of them. A check that is open without any loss has reasons of its own.
 */
export function lostFacts(
  losses: Losses,
  openWith: (losses: Losses) => ReadonlySet<string>,
): LostFactsOf {
  const apart = lossesApart(losses)
  if (apart.length === 0) return () => []
  const known = new Map<LostFacts, ReadonlySet<string>>()
  const openWithout = once(() => openWith(lossless))
  return (checks) => {
    const byLoss = checks.filter((check) => !openWithout().has(check))
    if (byLoss.length === 0) return []
    const alone = apart.filter(({ lost, alone: one }) => {
      const open = known.get(lost) ?? openWith(one)
      known.set(lost, open)
      return byLoss.some((check) => open.has(check))
    })
    return (alone.length > 0 ? alone : apart).map(({ lost }) => ({
      code: 'lost_in_source',
      what: lost,
    }))
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
