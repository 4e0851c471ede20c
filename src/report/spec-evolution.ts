import type { SpecHistory, VersionChange, VersionFacts } from '../verify/spec-evolution.ts'
import { visible } from './sanitize.ts'
import { paint, shown, wrap, type Terminal } from './terminal.ts'
import {
  differenceSentence,
  historySentence,
  originPhrase,
  tighteningSentence,
  versionPhrase,
} from './wording/spec-evolution.ts'
import { weakeningSentence, type WeakeningFacts } from './wording/weakening.ts'

/** What `tracespec spec diff --json` prints. */
export interface SpecDiff {
  readonly schema: 'tracespec.spec-diff/1'
  readonly name: string
  readonly path: string
  readonly before: VersionFacts
  readonly after: VersionFacts
  readonly change: VersionChange
  /** `- before` and `+ after`. */
  readonly lines: readonly string[]
  /** What the later text no longer asks for, and what the earlier one did not. */
  readonly weaker: readonly string[]
  readonly tighter: readonly string[]
}

/** Two texts of a spec, with what one asks for and the other does not as facts. */
export interface SpecDifference extends Omit<SpecDiff, 'schema' | 'weaker' | 'tighter'> {
  readonly weaker: readonly WeakeningFacts[]
  readonly tighter: readonly WeakeningFacts[]
}

/** The difference as it is published. */
export function specDiffOf({ weaker, tighter, ...facts }: SpecDifference): SpecDiff {
  return {
    schema: 'tracespec.spec-diff/1',
    ...facts,
    weaker: weaker.map(weakeningSentence),
    tighter: tighter.map(tighteningSentence),
  }
}

/** Each version with what it changed, then their number. */
export function renderSpecHistory(history: SpecHistory, terminal: Terminal): string {
  const { name, versions } = history
  const lines = versions.items.flatMap((version) => [
    versionText(version),
    ...indented(versionPhrase(version.change), terminal),
  ])
  return `${[...lines, shown(historySentence(name, versions), terminal)].join('\n')}\n`
}

/** Both texts by their digests, the lines, then what they mean. */
export function renderSpecDiff(diff: SpecDiff, terminal: Terminal): string {
  const { before, after, lines, weaker, tighter } = diff
  const blocks = [
    [
      paint(shown(visible(diff.path), terminal), 'bold', terminal),
      `- ${versionText(before)}`,
      `+ ${versionText(after)}`,
    ],
    lines.map((line) =>
      paint(shown(visible(line), terminal), line.startsWith('-') ? 'red' : 'green', terminal),
    ),
    meaning('asks for less', weaker, terminal),
    meaning('asks for more', tighter, terminal),
    wrap(shown(differenceSentence(diff.change, lines.length), terminal), terminal.width),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function versionText({ sha256, first_seen: seen, origin, current }: VersionFacts): string {
  const time = (seen ?? 'now').padEnd(TIME_WIDTH)
  const mark = current ? '  the file now' : ''
  return `${time}  ${sha256.slice(0, 12)}  ${originPhrase(origin).padEnd(8)}${mark}`.trimEnd()
}

const TIME_WIDTH = '2026-01-01T00:00:00.000Z'.length

function meaning(
  title: string,
  sentences: readonly string[],
  terminal: Terminal,
): readonly string[] {
  if (sentences.length === 0) return []
  return [`${title}:`, ...sentences.flatMap((sentence) => indented(sentence, terminal))]
}

function indented(text: string, terminal: Terminal): readonly string[] {
  return wrap(shown(text, terminal), terminal.width - 2).map((line) => `  ${line}`)
}
