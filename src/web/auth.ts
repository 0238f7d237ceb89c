import { createHmac, randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { compare } from 'bcryptjs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BasicAuthUser, TlsConfig } from '../config/web.js'
import { plain } from './reply.js'

/** bcrypt is slow by design and scrapes come every few seconds: what was right once is remembered. */
const REMEMBERED_LIMIT = 1000
/** Each takes its share of the main thread: guesses must not starve the scrapes. */
const COMPARISONS_AT_ONCE = 2
/** Compared with for unknown users, so that they take as long as known ones. */
const NOBODY = '$2b$10$'.padEnd(60, '.')

/**
 * Basic authentication (RFC 7617) for every path, as exporter-toolkit does it; `except` is the route that
 * has its own.
 */
export const requireUser = (
  app: FastifyInstance,
  users: readonly BasicAuthUser[],
  except?: string,
): void => {
  if (users.length === 0) return
  const hashes = new Map(users.map(({ user, hash }) => [user, hash]))
  const secret = randomBytes(32)
  const remembered = new Set<string>()
  let comparing = 0
  app.addHook('onRequest', async (request, reply) => {
    const { url } = request.routeOptions
    if (url !== undefined && url === except) return
    const given = credentials(request)
    if (given) {
      const hash = hashes.get(given.user) ?? NOBODY
      const key = createHmac('sha256', secret)
        .update(JSON.stringify([given, hash]))
        .digest('hex')
      if (remembered.has(key)) return
      if (comparing >= COMPARISONS_AT_ONCE) return plain(reply, 503, 'too many logins at once')
      comparing++
      const right = await compare(given.password, hash).finally(() => comparing--)
      if (right && hashes.has(given.user)) {
        if (remembered.size >= REMEMBERED_LIMIT) remembered.clear()
        remembered.add(key)
        return
      }
    }
    return plain(reply.header('www-authenticate', 'Basic'), 401, 'unauthorized')
  })
}

const credentials = ({
  headers,
}: FastifyRequest): { user: string; password: string } | undefined => {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const [user, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return user === undefined || password.length === 0
    ? undefined
    : { user, password: password.join(':') }
}

/**
 * The client certificates that TLS itself lets through on purpose: Node refuses a bad certificate
 * only where one is required, so "if given" and "any" are decided here.
 */
export const requireClientCertificate = (
  app: FastifyInstance,
  { clientAuthType }: TlsConfig,
): void => {
  if (clientAuthType !== 'RequireAnyClientCert' && clientAuthType !== 'VerifyClientCertIfGiven')
    return
  app.addHook('onRequest', async (request, reply) => {
    const socket = request.raw.socket as TLSSocket
    const given = Object.keys(socket.getPeerCertificate()).length > 0
    const fine = clientAuthType === 'RequireAnyClientCert' ? given : !given || socket.authorized
    if (!fine) return plain(reply, 403, 'a client certificate is needed')
  })
}
