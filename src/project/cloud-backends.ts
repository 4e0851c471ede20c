import { badValue } from '../spec/shape.ts'
import type { Reading } from '../spec/source.ts'
import { Fault } from '../trace/fault.ts'
import type { NamelessBackend } from './backend-shape.ts'
import { isCloud } from './cloud-kinds.ts'
import { placeOf, substituted, type ConfigText, type Environment } from './config-text.ts'

/** What says where in a cloud the traces are. */
const placeFields = {
  xray: 'region',
  'cloud-trace': 'project',
  'azure-monitor': 'workspace',
} as const

/** Says what a backend of this kind cannot have, and what it lacks. */
export function checkCloud(kind: string, value: NamelessBackend, reading: Reading): void {
  const own = isCloud(kind) ? placeFields[kind] : undefined
  for (const field of Object.values(placeFields)) {
    const given = value[field]
    if (field !== own && given !== undefined)
      badValue(given.at, `${kind} has no ${field}.`, reading)
  }
  if (!isCloud(kind)) return
  if (kind !== 'xray' && value[placeFields[kind]] === undefined) {
    badValue(value.at, `${kind} needs ${placeFields[kind]}.`, reading)
  }
  const [header] = value.headers
  if (header !== undefined) badValue(header.value.at, `${kind} takes no headers.`, reading)
  const { auth, tls } = value
  if (auth?.kind === 'basic') badValue(auth.user.at, `${kind} takes auth: {bearer}.`, reading)
  if (auth?.kind === 'bearer' && kind === 'xray') {
    badValue(auth.token.at, 'xray has the credentials of the AWS SDK alone.', reading)
  }
  const file = tls.cert ?? (kind === 'azure-monitor' ? undefined : tls.ca)
  if (file !== undefined) badValue(file.at, `${kind} takes no such file.`, reading)
}

/** The region, project or workspace; a Fault USAGE for what cannot be one, as it becomes a part of addresses. */
export function cloudPlace(
  kind: string,
  value: Pick<NamelessBackend, 'region' | 'project' | 'workspace'>,
  env: Environment,
): string | undefined {
  const written: ConfigText | undefined = isCloud(kind) ? value[placeFields[kind]] : undefined
  if (written === undefined) return undefined
  const text = substituted(written, env)
  if (/^[A-Za-z\d][A-Za-z\d:.-]{0,99}$/.test(text) && (kind !== 'xray' || !/[:.]/.test(text))) {
    return text
  }
  throw new Fault('USAGE', `${placeOf(written.at)}: this is the name of none in ${kind}`)
}
