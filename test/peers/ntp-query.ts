import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { AT, fromTimestamp, HEADER_BYTES, MODE_CLIENT, MODE_SERVER, wallNs } from './ntp-packet.js'

const VERSION = 4

export type NtpAnswer = {
  leap: number
  stratum: number
  /** The server's clock less ours, in seconds; positive: the server is ahead. */
  offsetSeconds: number
  /** How far the truth can be from it: half of the round trip that the server did not take. */
  errorSeconds: number
  reply: Buffer
}

const read = (reply: Buffer, sent: bigint, received: bigint): NtpAnswer => {
  const receive = fromTimestamp(reply.readBigUInt64BE(AT.receive))
  const transmit = fromTimestamp(reply.readBigUInt64BE(AT.transmit))
  return {
    leap: reply.readUInt8(AT.flags) >> 6,
    stratum: reply.readUInt8(AT.stratum),
    offsetSeconds: Number(receive - sent + transmit - received) / 2e9,
    errorSeconds: Number(received - sent - (transmit - receive)) / 2e9,
    reply,
  }
}

const firstMessage = (socket: Socket, signal: AbortSignal) =>
  new Promise<{ reply: Buffer; received: bigint }>((resolve, reject) => {
    socket.once('message', reply => resolve({ reply, received: wallNs() }))
    socket.once('error', reject)
    signal.addEventListener('abort', () => reject(new Error('no answer')), { once: true })
  })

/** One exchange, independent of the client under test; throws when no fitting answer comes. */
export const queryNtp = async (
  address: string,
  port: number,
  timeoutMs = 1000,
): Promise<NtpAnswer> => {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    const request = Buffer.alloc(HEADER_BYTES)
    request.writeUInt8((VERSION << 3) | MODE_CLIENT, AT.flags)
    randomBytes(8).copy(request, AT.transmit)
    const answered = firstMessage(socket, signal)
    const sent = wallNs()
    socket.send(request)
    const { reply, received } = await answered
    const cookie = request.subarray(AT.transmit)
    const fits = reply.length >= HEADER_BYTES && (reply.readUInt8(AT.flags) & 7) === MODE_SERVER
    if (!fits || !reply.subarray(AT.origin, AT.receive).equals(cookie)) {
      throw new Error(`not an answer to this request: ${reply.toString('hex')}`)
    }
    return read(reply, sent, received)
  } finally {
    socket.close()
  }
}
