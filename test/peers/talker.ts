import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import type { Scope } from './scope.js'

const ADDRESS = '127.0.0.1'

/** A TCP server that does with each connection what it is told to. */
export const startTalker = async (
  scope: Scope,
  talk: (socket: Socket) => unknown,
): Promise<{ address: string; port: number }> => {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    talk(socket)
    socket.resume()
  })
  server.listen(0, ADDRESS)
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  return { address: ADDRESS, port: bound.port }
}

/** One byte of it after the other, ten a second. */
export const dripping = (socket: Socket, bytes: Uint8Array): void => {
  let at = 0
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 100)
  socket.once('close', () => clearInterval(timer))
}

/** The same again and again, as fast as it is taken. */
export const endless = (socket: Socket, bytes: Uint8Array): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', more)
  more()
}
