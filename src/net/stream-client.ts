import { isIP } from 'node:net'
import type { Failure } from './failure.js'
import type { Connection, Platform } from './platform.js'

/** A server that is read over TCP. */
export interface StreamTarget {
  /** A name or an IP address. */
  readonly host: string
  readonly port: number
  /** TLS from the first byte on. */
  readonly tls: boolean
  /** What it is called in SNI and in `Host`, where that is not its own name. */
  readonly serverName?: string | undefined
}

export type OpenResult =
  | {
      readonly ok: true
      readonly connection: Connection
      /** The server's own, in DER, not verified; undefined without TLS. */
      readonly certificate: Uint8Array | undefined
    }
  | Failure

/** The name to ask for in SNI: RFC 6066 §3 has no IP addresses there. */
export const sniOf = ({
  host,
  serverName,
}: Pick<StreamTarget, 'host' | 'serverName'>): string | undefined => {
  if (serverName) return serverName
  return isIP(host) === 0 ? host : undefined
}

/** Looks the name up, connects, and puts TLS on where the target wants it. Close what it gives. */
export const openConnection = async (
  platform: Platform,
  target: StreamTarget,
  signal: AbortSignal,
): Promise<OpenResult> => {
  const to = await platform.resolve(target.host, signal)
  if (!to.ok) return to
  const connected = await platform.connect({ to, port: target.port, signal })
  if (!connected.ok) return connected
  const { connection } = connected
  if (!target.tls) return { ok: true, connection, certificate: undefined }
  const secured = await connection.secure({ serverName: sniOf(target), signal })
  if (secured.ok) return { ok: true, connection, certificate: secured.certificate }
  connection.close()
  return secured
}
