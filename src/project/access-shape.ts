import { field, record, type Field } from '../spec/record.ts'
import { badValue, entries, mapped } from '../spec/shape.ts'
import { configText, type ConfigText } from './config-text.ts'

export interface HeaderConfig {
  readonly name: string
  readonly value: ConfigText
}

export type AuthConfig =
  | { readonly kind: 'bearer'; readonly token: ConfigText }
  | { readonly kind: 'basic'; readonly user: ConfigText; readonly password: ConfigText }

export interface TlsConfig {
  readonly ca: ConfigText | undefined
  readonly cert: ConfigText | undefined
  readonly key: ConfigText | undefined
}

const user: Field<ConfigText> = field('user', 'The name', configText)
const password: Field<ConfigText> = field('password', 'The password, as ${NAME}', configText)

const bearer: Field<ConfigText> = field('bearer', 'The token, as ${NAME}', configText)
const basic: Field<AuthConfig> = field(
  'basic',
  'A user and a password',
  record<AuthConfig>({
    what: '`basic`',
    example: '{ user: NAME, password: "${NAME}" }',
    fields: [user, password],
    required: [user, password],
    build(written) {
      const [name, secret] = [written.get(user), written.get(password)]
      if (name === undefined || secret === undefined) return undefined
      return { kind: 'basic', user: name.value, password: secret.value }
    },
  }),
)

export const auth: Field<AuthConfig> = field(
  'auth',
  'The credentials, sent to this backend alone',
  record<AuthConfig>({
    what: '`auth`',
    example: '{ bearer: "${NAME}" }',
    fields: [bearer, basic],
    oneAtLeast: { fields: [bearer, basic], lacking: '`auth` says neither `bearer` nor `basic`.' },
    build(written) {
      const [token, named] = [written.get(bearer), written.get(basic)]
      if (written.has(bearer) && written.has(basic)) {
        return badValue(written.at, 'One of `bearer` and `basic` is enough.', written.reading)
      }
      return token === undefined ? named?.value : { kind: 'bearer', token: token.value }
    },
  }),
)

const ca: Field<ConfigText> = field('ca', 'The PEM file of the authority to trust', configText)
const cert: Field<ConfigText> = field('cert', 'The PEM file of our certificate', configText)
const key: Field<ConfigText> = field('key', 'The PEM file of its key', configText)

export const tls: Field<TlsConfig> = field(
  'tls',
  'Files of the project for TLS',
  record<TlsConfig>({
    what: '`tls`',
    fields: [ca, cert, key],
    build(written) {
      if (written.has(cert) !== written.has(key)) {
        badValue(written.at, '`cert` and `key` need each other.', written.reading)
      }
      return {
        ca: written.get(ca)?.value,
        cert: written.get(cert)?.value,
        key: written.get(key)?.value,
      }
    },
  }),
)

/** RFC 9110, 5.1. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** What the connection itself decides. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'transfer-encoding',
])

export const headers: Field<readonly HeaderConfig[]> = field(
  'headers',
  'Further headers of each request',
  mapped(entries(configText), (written, _, reading) =>
    written.flatMap(({ name, value, at }) => {
      if (headerName.test(name) && !ownHeaders.has(name.toLowerCase())) return { name, value }
      badValue(at, 'No header that may be given has such a name.', reading)
      return []
    }),
  ),
)

/** Every text of credentials. */
export function textsOfAuth(given: AuthConfig | undefined): readonly ConfigText[] {
  if (given === undefined) return []
  return given.kind === 'bearer' ? [given.token] : [given.user, given.password]
}
