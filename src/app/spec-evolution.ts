import { Fault } from '../trace/fault.ts'
import type { SpecVersion, SpecVersions } from '../trace/ports.ts'
import { findSpecs, isNamed, loadSpec, type AskedSpec, type SpecSource } from './spec-files.ts'

/** A spec with the versions of it that are kept, newest first. */
export interface Evolution {
  readonly name: string
  readonly path: string
  /** The file as it is; undefined when it is gone or cannot be read as text. */
  readonly file: SpecText | undefined
  readonly versions: readonly SpecVersion[]
}

/** One text of a spec; a version that is kept has when and how it was first seen. */
export type SpecText = Pick<SpecVersion, 'path' | 'name' | 'sha256' | 'text'> &
  Partial<Pick<SpecVersion, 'firstSeen' | 'origin'>>

export interface EvolutionPorts {
  readonly folder: () => readonly SpecSource[]
  /** Undefined when nothing was ever kept. */
  readonly versions: SpecVersions | undefined
}

/** Finds a spec by name or path, even when only its versions are left; a Fault when there is none. */
export async function evolutionOf(
  asked: AskedSpec,
  { folder, versions }: EvolutionPorts,
): Promise<Evolution> {
  const kept = async (path: string): Promise<readonly SpecVersion[]> =>
    (await versions?.specVersions(path)) ?? []
  const sources = asked.file === undefined ? folder() : []
  const isThere =
    asked.file !== undefined || sources.some((source) => isNamed(loadSpec(source), asked.text))
  const gone = isThere ? undefined : await versions?.keptSpecPath(asked.text)
  if (gone !== undefined) {
    const left = await kept(gone)
    return { name: left[0]?.name ?? asked.text, path: gone, file: undefined, versions: left }
  }
  const [found] = findSpecs(() => sources, [asked])
  if (found === undefined) throw new Fault('SPEC_NOT_FOUND', `there is no spec ${asked.text}`)
  const { path, sha256, read } = found.source
  const left = await kept(path)
  const name = found.spec?.name ?? left[0]?.name ?? asked.text
  const file = 'text' in read ? { path, name, sha256, text: read.text } : undefined
  return { name, path, file, versions: left }
}

/**
 * The two texts that are compared: those of two digests; of one and the file; without any the file and the newest version,
 * or the last two versions when the file is the newest. Digests may be cut. A Fault when there is no such text.
 */
export function textsToCompare(
  { name, file, versions }: Evolution,
  digests: readonly string[],
): { readonly before: SpecText; readonly after: SpecText } {
  const texts = [...(file === undefined ? [] : [file]), ...versions]
  const [first, second] = digests
  const [newest, previous] = versions
  if (first !== undefined) {
    const after = second === undefined ? (file ?? newest) : textOf(texts, second, name)
    return { before: textOf(texts, first, name), after: after ?? textOf(texts, first, name) }
  }
  if (file !== undefined && newest !== undefined && file.sha256 !== newest.sha256) {
    return { before: newest, after: file }
  }
  if (newest !== undefined && previous !== undefined) return { before: previous, after: newest }
  throw new Fault('USAGE', `only one text of ${name} is known, there is nothing to compare`, {
    hint: 'run and check keep the text of every spec that they judge by',
  })
}

function textOf(texts: readonly SpecText[], digest: string, name: string): SpecText {
  const asked = digest.toLowerCase()
  const found = texts.filter(({ sha256 }) => sha256.startsWith(asked))
  const [one] = found.toReversed()
  if (one === undefined || !/^[0-9a-f]{4,64}$/.test(asked)) {
    throw new Fault('USAGE', `no text of ${name} has a sha256 that begins with ${digest}`, {
      hint: 'tracespec spec history lists them; write at least four of its digits',
    })
  }
  if (found.every(({ sha256 }) => sha256 === one.sha256)) return one
  throw new Fault('USAGE', `several texts of ${name} have a sha256 that begins with ${digest}`, {
    hint: 'write more of its digits',
  })
}
