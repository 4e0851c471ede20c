import { stringify } from 'yaml'
import { refuseDeep } from './refuse-deep.ts'

export interface SpecText {
  readonly text: string
  /** The line that was put in, since the text had no name; undefined when none was. */
  readonly insertedAt: number | undefined
}

/** The text of a spec as it is to be written: YAML stays as it is given, what is an object becomes YAML. */
export function specText(
  specification: string | Readonly<Record<string, unknown>>,
  name: string,
): SpecText {
  if (typeof specification !== 'string')
    return { text: yamlOf(specification, name), insertedAt: undefined }
  const object = jsonObject(specification)
  if (object !== undefined) return { text: yamlOf(object, name), insertedAt: undefined }
  const text = specification.endsWith('\n') ? specification : `${specification}\n`
  if (/^["']?name["']?\s*:/m.test(text)) return { text, insertedAt: undefined }
  return withName(text, name)
}

function yamlOf(object: Readonly<Record<string, unknown>>, name: string): string {
  refuseDeep(object)
  return stringify({ name, ...object }, { lineWidth: 0 })
}

/** YAML's flow form is valid JSON only sometimes, so what is none is read as YAML. */
function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** After the comments and the marker that a document may begin with. */
function withName(text: string, name: string): SpecText {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => !/^(?:#.*|---\s*|\s*)$/.test(line))
  const at = first === -1 ? 0 : first
  const key = stringify({ name }, { lineWidth: 0 }).trimEnd()
  return {
    text: [...lines.slice(0, at), key, ...lines.slice(at)].join('\n'),
    insertedAt: at + 1,
  }
}
