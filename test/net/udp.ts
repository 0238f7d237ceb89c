import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Address } from '../../src/net/platform.js'

/** Whoever releases what a helper opened: tap's `t`. */
interface Scope {
  teardown(release: () => unknown): unknown
}

export const LOOPBACK: Address = { address: '127.0.0.1', family: 4 }
export const LOOPBACK_6: Address = { address: '::1', family: 6 }

export interface UdpServer {
  readonly port: number
  /** What came, in order, and from where. */
  readonly requests: readonly { readonly bytes: Buffer; readonly from: RemoteInfo }[]
  /** Ends when so many requests have come. */
  heard(count: number): Promise<void>
  send(bytes: Uint8Array, to: RemoteInfo): Promise<void>
}

/** A socket on loopback that answers each request with these datagrams, in their order. */
export const startUdp = async (
  scope: Scope,
  answer: (request: Buffer, from: RemoteInfo) => readonly Uint8Array[] | Promise<void> = () => [],
  on: Address = LOOPBACK,
): Promise<UdpServer> => {
  const socket = await boundSocket(on)
  const requests: { bytes: Buffer; from: RemoteInfo }[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const send = (bytes: Uint8Array, to: RemoteInfo): Promise<void> =>
    new Promise((resolve, reject) =>
      socket.send(bytes, to.port, to.address, error => (error ? reject(error) : resolve())),
    )
  socket.on('message', (bytes, from) => {
    requests.push({ bytes, from })
    const replies = answer(bytes, from)
    if (!(replies instanceof Promise)) for (const reply of replies) void send(reply, from)
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve()
  })
  scope.teardown(() => closeSocket(socket))
  return {
    port: socket.address().port,
    requests,
    heard: count =>
      new Promise(resolve => {
        if (requests.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    send,
  }
}

/** A port of loopback that nobody listens on: it was ours a moment ago. */
export const closedPort = async (): Promise<number> => {
  const socket = await boundSocket(LOOPBACK)
  const { port } = socket.address()
  await closeSocket(socket)
  return port
}

const boundSocket = async ({ address, family }: Address): Promise<Socket> => {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

const closeSocket = async (socket: Socket): Promise<void> => {
  socket.close()
  await once(socket, 'close')
}

/** How many UDP sockets this process holds open. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter(kind => kind === 'UDPWrap').length
