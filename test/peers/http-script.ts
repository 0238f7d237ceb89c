import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { type TlsOptions, createServer as createTlsServer } from 'node:tls'
import type { Scope } from './scope.js'

/** What came over one connection, and a way to answer it. */
export type Asked = {
  /** The request's head with its lines' ends. */
  head: string
  /** Counted from 0, of all that came to the server. */
  connection: number
  /** Counted from 0, of this connection. */
  request: number
  socket: Socket
}

export type HttpScript = {
  port: number
  /** Every head that came, in its order. */
  heads: readonly string[]
  connections: () => number
  /** Connections that ended with a reset or another error. */
  broken: () => number
  /** Connections that are open still. */
  open: () => number
}

const HEAD_END = '\r\n\r\n'

/**
 * A server on loopback that answers each request without a body as it is told to: with text, whose bytes
 * are its characters, or in its own way where that is undefined.
 */
export const startHttpScript = async (
  scope: Scope,
  answer: (asked: Asked) => string | undefined,
  tls?: TlsOptions,
): Promise<HttpScript> => {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let broken = 0
  const serve = (socket: Socket): void => {
    const connection = connections++
    let text = ''
    let request = 0
    sockets.add(socket)
    socket.setNoDelay()
    socket.on('error', () => broken++)
    socket.once('close', () => sockets.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf(HEAD_END); end >= 0; end = text.indexOf(HEAD_END)) {
        const head = text.slice(0, end + HEAD_END.length)
        text = text.slice(head.length)
        heads.push(head)
        const reply = answer({ head, connection, request: request++, socket })
        if (reply !== undefined && socket.writable) socket.write(reply, 'latin1')
      }
    })
  }
  const server = tls ? createTlsServer(tls, serve) : createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    heads,
    connections: () => connections,
    broken: () => broken,
    open: () => sockets.size,
  }
}
