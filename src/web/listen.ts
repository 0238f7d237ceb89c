import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ListenAddress, formatEndpoint } from '../config/endpoint.js'
import type { TlsConfig, WebConfig } from '../config/web.js'
import { type ServerOptions, buildApp } from './app.js'
import { requireClientCertificate, requireUser } from './auth.js'
import type { Exported } from './exported.js'
import { PUSH_PATH } from './push.js'
import { announceToken } from './push-token.js'

/** The web side, listening. */
export interface Listening {
  readonly urls: readonly string[]
  /** Accepts nothing more, and ends when the requests in flight are answered. */
  close(): Promise<void>
}

/** @throws Error where an address cannot be listened on or a certificate's file cannot be read. */
export const listen = async (
  exported: Exported,
  addresses: readonly ListenAddress[],
  web: WebConfig | undefined,
): Promise<Listening> => {
  const server = web?.tls ? { https: await tlsOptions(web.tls) } : {}
  await announceToken(exported.config(), exported.log)
  const apps: FastifyInstance[] = []
  const close = async (): Promise<void> => {
    await Promise.all(apps.map(app => app.close()))
  }
  const urls: string[] = []
  try {
    for (const address of addresses) {
      const app = protectedApp(exported, server, web)
      apps.push(app)
      urls.push(`${web?.tls ? 'https' : 'http'}://${await listenOn(app, address)}`)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { urls, close }
}

const protectedApp = (
  exported: Exported,
  server: ServerOptions,
  web: WebConfig | undefined,
): FastifyInstance =>
  buildApp(exported, server, app => {
    if (!web) return
    if (web.tls) requireClientCertificate(app, web.tls)
    requireUser(app, web.users, PUSH_PATH)
    app.addHook('onSend', async (_, reply) => void reply.headers(web.headers))
  })

/** Every address means both families, or IPv4 alone where the machine has no IPv6. */
const listenOn = async (app: FastifyInstance, { host, port }: ListenAddress): Promise<string> => {
  try {
    await app.listen({ host: host ?? '::', port })
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (host !== undefined || !noIpv6) throw error
    await app.listen({ host: '0.0.0.0', port })
  }
  const { address, port: taken } = app.server.address() as AddressInfo
  return formatEndpoint({ host: address, port: taken })
}

const tlsOptions = async (tls: TlsConfig): Promise<object> => ({
  cert: await readFile(tls.certFile),
  key: await readFile(tls.keyFile),
  ...(tls.clientCaFile !== undefined && { ca: await readFile(tls.clientCaFile) }),
  minVersion: tls.minVersion,
  maxVersion: tls.maxVersion,
  requestCert: tls.clientAuthType !== 'NoClientCert',
  rejectUnauthorized: tls.clientAuthType === 'RequireAndVerifyClientCert',
})
