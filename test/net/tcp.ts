import { once } from 'node:events'
import { type Server, type Socket, createServer } from 'node:net'
import type { Scope } from '../peers/scope.js'

export interface TcpServer {
  readonly port: number
  /** Everything that each connection sent, in the order of the connections. */
  readonly heard: Buffer[]
  /** How each connection ended: the peer's FIN, or an error's code. */
  readonly ends: string[]
}

/** Whoever is connected to, on loopback; `serve` is called for each connection. */
export const startTcp = async (
  scope: Scope,
  serve: (socket: Socket) => void,
): Promise<TcpServer> => {
  const heard: Buffer[] = []
  const ends: string[] = []
  const open = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    const index = heard.push(Buffer.alloc(0)) - 1
    open.add(socket)
    socket.on(
      'data',
      bytes => (heard[index] = Buffer.concat([heard[index] ?? Buffer.alloc(0), bytes])),
    )
    socket.on('end', () => ends.push('end'))
    socket.on('error', error => ends.push('code' in error ? String(error.code) : error.message))
    socket.on('close', () => open.delete(socket))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return { port: bound.port, heard, ends }
}
