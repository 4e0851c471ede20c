import { badValue, text, type Shape } from '../spec/shape.ts'
import type { SourceRange } from '../spec/spec.ts'
import { Fault } from '../trace/fault.ts'

/** A text of tracespec.yaml as written: `${NAME}` stands for a variable of the environment, `$${` for `${` itself. */
export interface ConfigText {
  readonly written: string
  readonly at: SourceRange
}

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** A text with references to variables. */
export const configText: Shape<ConfigText> = {
  expects: text.expects,
  schema: text.schema,
  read(node, reading) {
    const written = text.read(node, reading)
    if (written === undefined) return undefined
    if (!written.replace(reference, '').includes('${')) return { written, at: node.at }
    return badValue(
      node.at,
      {
        message: `\`${reading.field}\` has a \`\${\` that names no variable.`,
        hint: 'write ${NAME} for a variable of the environment, $${ for the characters ${',
      },
      reading,
    )
  },
}

/** The names of the variables that a text refers to, each once. */
export function variablesOf({ written }: ConfigText): readonly string[] {
  return [...new Set([...written.matchAll(reference)].flatMap(([, name]) => name ?? []))]
}

/** The text with its variables left as they are written. */
export function literally({ written }: ConfigText): string {
  return written.replaceAll('$${', '${')
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The text with the values of its variables. A Fault USAGE names one that is not set or empty; a value is never shown. */
export function substituted({ written, at }: ConfigText, env: Environment): string {
  return written.replace(reference, (_, name?: string) => {
    if (name === undefined) return '${'
    const value = env[name]
    if (value !== undefined && value !== '') return value
    const what = value === '' ? 'is empty' : 'is not set'
    throw new Fault('USAGE', `${placeOf(at)}: the variable ${name} ${what}`, {
      hint: `set ${name} in the environment of tracespec`,
    })
  })
}

/** `file:line`. */
export function placeOf({ file, line }: SourceRange): string {
  return `${file}:${line}`
}
