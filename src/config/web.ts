import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { checkText } from './check.js'
import { deepFreeze } from './freeze.js'
import { choice, fileName } from './leaves.js'
import { quote, type Finding, type Problem } from './problem.js'
import { bad, good, isMapping, maybeEmpty, section, text, type Leaf } from './schema.js'

const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const
/** Whether a client's certificate is asked for, required, verified: exporter-toolkit's words. */
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number]
/** As node:tls calls them. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** TLS of our own HTTP server. Absolute paths; the files themselves are not read here. */
export interface TlsConfig {
  readonly certFile: string
  readonly keyFile: string
  readonly clientAuthType: ClientAuthType
  readonly clientCaFile: string | undefined
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
}

/** `hash` is bcrypt's, of a bounded cost. */
export interface BasicAuthUser {
  readonly user: string
  readonly hash: string
}

/** The web configuration file (exporter-toolkit's format). Deeply frozen. */
export interface WebConfig {
  readonly tls: TlsConfig | undefined
  /** Response headers by their exact name. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty: nobody has to authenticate. */
  readonly users: readonly BasicAuthUser[]
}

export type ParsedWebConfig =
  | { readonly ok: true; readonly config: WebConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const MAX_HEADER = 4096
const header = (allowed?: readonly string[]) =>
  text('a header value', (value): Leaf<string> => {
    if (allowed !== undefined && !allowed.includes(value))
      return bad('header', `${quote(value)} is not one of ${allowed.join(', ')}`)
    // RFC 9110 §5.5 without obs-text; a line break would let a value become another header.
    if (/^[\t\x20-\x7e]*$/.test(value) && value.length <= MAX_HEADER) return good(value)
    return bad('header', `a header value is one line of ASCII, at most ${MAX_HEADER} characters`)
  }).optional()

const headersSection = section({
  'Content-Security-Policy': header(),
  'X-Frame-Options': header(['deny', 'sameorigin']),
  'X-Content-Type-Options': header(['nosniff']),
  'X-XSS-Protection': header(),
  'Strict-Transport-Security': header(),
})

const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const
const tlsVersion = choice(['TLS12', 'TLS13'], ['TLS10', 'TLS11'])

const tlsSection = section(
  {
    cert_file: fileName,
    key_file: fileName,
    client_auth_type: choice(CLIENT_AUTH_TYPES).prefault('NoClientCert'),
    client_ca_file: fileName.optional(),
    min_version: tlsVersion.prefault('TLS12'),
    max_version: tlsVersion.prefault('TLS13'),
  },
  [
    'cert',
    'key',
    'client_ca',
    'client_allowed_sans',
    'cipher_suites',
    'curve_preferences',
    'prefer_server_cipher_suites',
  ],
)

// A cost of 17 is some ten seconds of one CPU for each login: beyond it, logging in is an attack.
const MIN_COST = 4
const MAX_COST = 17
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** The value is never quoted: where a hash is wrong, it may well be the password. */
const bcryptHash = text('a bcrypt hash', (value): Leaf<string> => {
  const cost = BCRYPT.exec(value)?.[1]
  if (cost === undefined)
    return bad('hash', 'is not a bcrypt hash; make one with htpasswd -nBC 10 "" | tr -d ":"')
  if (Number(cost) >= MIN_COST && Number(cost) <= MAX_COST) return good(value)
  return bad('hash', `the hash's cost ${cost} is out of range: from ${MIN_COST} to ${MAX_COST}`)
})

const fileSchema = section(
  {
    tls_server_config: maybeEmpty(tlsSection.optional()),
    http_server_config: maybeEmpty(
      section({
        http2: z.boolean().optional(),
        headers: maybeEmpty(headersSection.prefault({})),
      }).prefault({}),
    ),
    basic_auth_users: maybeEmpty(z.record(z.string(), bcryptHash).prefault({})),
  },
  ['rate_limit'],
)

type WebFile = z.output<typeof fileSchema>

const MAX_USERS = 1000

const checkUsers = (users: readonly string[]): readonly Finding[] => [
  ...(users.length > MAX_USERS
    ? [
        {
          path: ['basic_auth_users'],
          rule: 'range',
          message: `at most ${MAX_USERS} users`,
        } as const,
      ]
    : []),
  ...users
    // RFC 7617 §2: the first colon ends the user's name.
    .filter(user => user.includes(':') || /\p{Cc}/u.test(user) || user.length > 255)
    .map((user): Finding => ({
      path: ['basic_auth_users', user],
      rule: 'name',
      message: 'a user name has no colon, no control characters, and at most 255 characters',
    })),
]

const TLS = 'tls_server_config'

const checkTls = (tls: Readonly<Record<string, unknown>>): readonly Finding[] => {
  const findings: Finding[] = []
  const auth = tls['client_auth_type'] ?? 'NoClientCert'
  const verifies = auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert'
  if (verifies && !('client_ca_file' in tls))
    findings.push({
      path: [TLS, 'client_auth_type'],
      rule: 'required',
      message: `${auth} needs client_ca_file, the authorities that clients are verified against`,
    })
  if (auth === 'NoClientCert' && 'client_ca_file' in tls)
    findings.push({
      path: [TLS, 'client_ca_file'],
      rule: 'choice',
      message: 'is of no use without a client_auth_type that verifies clients',
    })
  if (tls['min_version'] === 'TLS13' && tls['max_version'] === 'TLS12')
    findings.push({ path: [TLS, 'min_version'], rule: 'range', message: 'is above max_version' })
  return findings
}

const checkWeb = (value: unknown): readonly Finding[] => {
  if (!isMapping(value)) return []
  const users = value['basic_auth_users']
  const tls = value['tls_server_config']
  const http = value['http_server_config']
  const http2 = isMapping(http) && http['http2'] === true
  return [
    ...(isMapping(users) ? checkUsers(Object.keys(users)) : []),
    ...(isMapping(tls) ? checkTls(tls) : []),
    ...(http2
      ? [
          {
            path: ['http_server_config', 'http2'],
            rule: 'unsupported',
            message: 'HTTP/2 is not served by this version; HTTP/1.1 is',
            warning: true,
          } as const,
        ]
      : []),
  ]
}

const tlsOf = (
  written: NonNullable<WebFile['tls_server_config']>,
  directory: string,
): TlsConfig => ({
  certFile: resolve(directory, written.cert_file),
  keyFile: resolve(directory, written.key_file),
  clientAuthType: written.client_auth_type,
  clientCaFile:
    written.client_ca_file === undefined ? undefined : resolve(directory, written.client_ca_file),
  minVersion: TLS_VERSIONS[written.min_version],
  maxVersion: TLS_VERSIONS[written.max_version],
})

/** The content of a web configuration file → WebConfig. `filename` is where relative paths start. */
export const parseWebConfig = (content: string, filename: string): ParsedWebConfig => {
  const checked = checkText(content, fileSchema, checkWeb)
  if (!checked.ok) return checked
  const {
    tls_server_config: tls,
    http_server_config: http,
    basic_auth_users: users,
  } = checked.value
  const headers = Object.entries(http.headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const config: WebConfig = {
    tls: tls === undefined ? undefined : tlsOf(tls, dirname(filename)),
    headers: Object.fromEntries(headers),
    users: Object.entries(users).map(([user, hash]) => ({ user, hash })),
  }
  return { ok: true, config: deepFreeze(config), warnings: checked.warnings }
}
