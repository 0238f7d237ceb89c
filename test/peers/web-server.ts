import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import type { Scope } from './scope.js'

export type WebServer = {
  address: string
  port: number
  /** How many connections there were, and how many requests on all of them. */
  connections: () => number
  requests: () => number
  /** How many connections are open. */
  open: () => number
}

/** What a server does with its `request`-th request, from 1, on its `connection`-th connection. */
export type Answer = (
  socket: Socket,
  count: { connection: number; request: number; ofConnection: number },
) => void

/** A web server on loopback that may answer as no real one does. A request is what comes in one piece. */
export const startWebServer = async (scope: Scope, answer: Answer): Promise<WebServer> => {
  const sockets = new Set<Socket>()
  let connections = 0
  let requests = 0
  const server = createServer({ noDelay: true }, socket => {
    const connection = ++connections
    let ofConnection = 0
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () =>
      answer(socket, { connection, request: ++requests, ofConnection: ++ofConnection }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return {
    address: bound.address,
    port: bound.port,
    connections: () => connections,
    requests: () => requests,
    open: () => sockets.size,
  }
}
