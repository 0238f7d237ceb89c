import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'

/** A UDP port on the address that nobody had when it was asked for. */
export const freeUdpPort = async (address = '127.0.0.1'): Promise<number> => {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

/** A TCP port on the address that nobody had when it was asked for. */
export const freeTcpPort = async (address = '127.0.0.1'): Promise<number> => {
  const server = createServer()
  server.listen(0, address)
  await once(server, 'listening')
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  server.close()
  await once(server, 'close')
  return bound.port
}
