/** Tells the files that the command itself writes while it runs from those that somebody edits. */
export interface Noise {
  readonly nextRun: () => void
  /** Of the files that changed during a run, those that count, and those that count no longer from now on. */
  readonly during: (paths: readonly string[]) => {
    readonly counting: readonly string[]
    readonly muted: readonly string[]
  }
}

// A file that changed in so many runs one after the other is taken for output of the command.
const NOISY_RUNS = 3

export function openNoise(): Noise {
  const runs = new Map<string, number>()
  const inRun = new Set<string>()
  const isMuted = (path: string): boolean => (runs.get(path) ?? 0) >= NOISY_RUNS
  return {
    nextRun: () => {
      const quiet = [...runs.keys()].filter((path) => !inRun.has(path) && !isMuted(path))
      for (const path of quiet) runs.delete(path)
      inRun.clear()
    },
    during: (paths) => {
      const before = paths.filter((path) => !isMuted(path))
      for (const path of before) {
        if (!inRun.has(path)) runs.set(path, (runs.get(path) ?? 0) + 1)
        inRun.add(path)
      }
      return { counting: before.filter((path) => !isMuted(path)), muted: before.filter(isMuted) }
    },
  }
}
