/** What must not leave the machine, by its form; each reads in linear time. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}-----)?/g,
    '[private key]',
  ],
  [/\beyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,1000})?/g, '[token]'],
  [
    /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|rk_live_|npm_)[\w-]{16,400}/g,
    '[token]',
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[access key]'],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{8,4000}/gi, '$1 [redacted]'],
  [/(:\/\/[^\s:/@]{1,200}:)[^\s@/]{1,400}@/g, '$1[redacted]@'],
  [
    /\b((?:[\w-]{0,60}[_-])?(?:api[_-]?key|access[_-]?key|secret|password|passwd|token)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&]{4,4000}/gi,
    '$1[redacted]',
  ],
]

/** The text without what looks like a secret. */
export function redacted(text: string): string {
  return SECRETS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text)
}

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|COOKIE|PRIVATE|AUTH/i

/** Whether a variable holds what must not be told, by its name or by its form. */
export function isSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || redacted(value) !== value
}

/** The values of variables whose names say that they are secret, longest first, as what to take out of a program's output. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env)
    .flatMap(([name, value]) =>
      SECRET_NAME.test(name) && value !== undefined && value.length >= 8 ? [value] : [],
    )
    .toSorted((a, b) => b.length - a.length)
}

/** The text without these values, then without what looks like a secret. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  return redacted(values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text))
}
