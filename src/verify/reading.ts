import type { Expectation, Identity, Matcher, Spec, TagMatch } from '../spec/spec.ts'
import type { Losses } from '../trace/losses.ts'
import { writtenNames, type WrittenNames } from './written-names.ts'

/** How the predicates of a spec are asked of what was read from a form with losses. */
export interface Reading {
  readonly losses: Losses
  /** The names that the spec writes; undefined where case is kept, since then nobody needs them. */
  readonly names: WrittenNames | undefined
  readonly services: WrittenNames | undefined
}

export function readingOf(spec: Spec, losses: Losses): Reading {
  if (!losses.nameCase) return { losses, names: undefined, services: undefined }
  const expected: Expectation[] = [...spec.expected]
  for (const { children } of expected) expected.push(...children)
  const ruled = [...expected, ...spec.ignore, ...spec.forbidden, ...spec.errorConditions]
  const identities = [...ruled, ...(spec.appliesTo === undefined ? [] : [spec.appliesTo])].map(
    ({ identity }) => identity,
  )
  const tags = [
    ...expected.flatMap((expectation) => expectation.tags),
    ...identities.flatMap(({ where }) => where),
  ]
  return {
    losses,
    names: writtenNames(identities.flatMap(nameIn)),
    services: writtenNames([...identities.flatMap(serviceIn), ...tags.flatMap(serviceTag)]),
  }
}

function nameIn({ operationName }: Identity): readonly Matcher[] {
  return operationName === undefined ? [] : [operationName]
}

function serviceIn({ serviceName }: Identity): readonly Matcher[] {
  return serviceName === undefined ? [] : [serviceName]
}

function serviceTag({ name, matcher }: TagMatch): readonly Matcher[] {
  return isServiceName(name) ? [matcher] : []
}

/** Whether a tag is the name of the service, which is kept in lower case with the names. */
export function isServiceName(tag: string): boolean {
  return tag === 'service.name' || tag === 'resource.service.name'
}
