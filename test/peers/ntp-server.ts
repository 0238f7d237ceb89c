import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { AT, HEADER_BYTES, MODE_SERVER, toTimestamp, wallNs } from './ntp-packet.js'
import type { Scope } from './scope.js'

export type Respond = (
  request: Buffer,
  client: { address: string; port: number },
) => Buffer | Buffer[] | undefined

export type NtpServer = {
  address: string
  port: number
  /** How many requests have come. */
  requests: () => number
  close: () => Promise<void>
}

/** A UDP server in this process that answers each request with what `respond` returns, or not. */
export const startNtpServer = async (
  scope: Scope,
  respond: Respond,
  address = '127.0.0.1',
): Promise<NtpServer> => {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  let requests = 0
  let closed = false
  socket.on('message', (request, client) => {
    requests++
    const replies = [respond(request, client) ?? []].flat()
    for (const reply of replies) socket.send(reply, client.port, client.address)
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  const close = async () => {
    if (closed) return
    closed = true
    socket.close()
    await once(socket, 'close')
  }
  scope.teardown(close)
  return { address, port: socket.address().port, requests: () => requests, close }
}

export type ReplyFields = {
  /** The server's clock less this machine's; positive: the server is ahead. */
  offsetSeconds?: number
  stratum?: number
  leap?: number
  version?: number
  mode?: number
  poll?: number
  /** log2 seconds. */
  precision?: number
  rootDelaySeconds?: number
  rootDispersionSeconds?: number
  /** Four ASCII characters, padded with zeros: `GPS`, `RATE`. */
  refid?: string
}

/** What a server with a good clock would answer; spoil it from there through the fields or bytes. */
export const honestReply = (request: Buffer, fields: ReplyFields = {}): Buffer => {
  const { offsetSeconds = 0, stratum = 2, leap = 0, version = 4, mode = MODE_SERVER } = fields
  const { poll = 6, precision = -20, rootDelaySeconds = 0, rootDispersionSeconds = 0 } = fields
  const shift = BigInt(Math.round(offsetSeconds * 1e9))
  const stamp = () => toTimestamp(wallNs() + shift)
  const received = stamp()
  const reply = Buffer.alloc(HEADER_BYTES)
  reply.writeUInt8((leap << 6) | (version << 3) | mode, AT.flags)
  reply.writeUInt8(stratum, AT.stratum)
  reply.writeInt8(poll, AT.poll)
  reply.writeInt8(precision, AT.precision)
  reply.writeUInt32BE(Math.round(rootDelaySeconds * 2 ** 16), AT.rootDelay)
  reply.writeUInt32BE(Math.round(rootDispersionSeconds * 2 ** 16), AT.rootDispersion)
  reply.write(fields.refid ?? 'TEST', AT.refid, 4, 'latin1')
  reply.writeBigUInt64BE(received, AT.reference)
  request.copy(reply, AT.origin, AT.transmit, HEADER_BYTES)
  reply.writeBigUInt64BE(received, AT.receive)
  reply.writeBigUInt64BE(stamp(), AT.transmit)
  return reply
}
