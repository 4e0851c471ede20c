import { readFileSync } from 'node:fs'

/** The version in tracespec's own package.json. */
export function tracespecVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const version = /"version":\s*"([^"]+)"/.exec(text)?.[1]
  if (version === undefined) throw new Error('package.json of tracespec has no version')
  return version
}
