import { type Server, type Socket, createServer } from 'node:net'
import { once } from 'node:events'
import type { Scope } from '../peers/scope.js'

/** What a port of our own does with a connection, and what a reading of it has to end with. */
export interface FaultyPort {
  readonly name: string
  readonly serve: (socket: Socket) => void
  readonly outcome: RegExp
}

const SLOW_MS = 50

/** Bytes one at a time: all of them take longer than any timeout in these tests that has to pass. */
export const slowly = (socket: Socket, bytes: Uint8Array): void => {
  let at = 0
  const timer = setInterval(() => {
    if (at >= bytes.length) return clearInterval(timer)
    socket.write(bytes.subarray(at, ++at))
  }, SLOW_MS)
  socket.once('close', () => clearInterval(timer))
}

/** The same bytes again and again, as fast as they are taken. */
export const endlessly = (socket: Socket, bytes: Uint8Array): void => {
  const pump = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', pump)
  pump()
}

/** On whatever comes first. */
export const answering =
  (answer: (socket: Socket) => void) =>
  (socket: Socket): void =>
    void socket.once('data', () => answer(socket))

export const HTTP_REFUSAL = Buffer.from(
  'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
)

/** What is wrong with a port whatever it should be. */
export const FAULTS: readonly FaultyPort[] = [
  { name: 'says nothing', serve: () => undefined, outcome: /^timeout: / },
  { name: 'closes at once', serve: socket => void socket.end(), outcome: /^protocol: / },
  {
    name: 'closes when it is asked',
    serve: answering(socket => socket.end()),
    outcome: /^protocol: /,
  },
  {
    name: 'breaks when it is asked',
    serve: answering(socket => socket.resetAndDestroy()),
    outcome: /^protocol: /,
  },
  {
    name: 'speaks HTTP',
    serve: answering(socket => socket.end(HTTP_REFUSAL)),
    outcome: /^protocol: /,
  },
  {
    name: 'speaks first',
    serve: socket => void socket.write('220 mail.contoso.com ESMTP\r\n'),
    outcome: /^protocol: /,
  },
  {
    name: 'sends noise without end',
    serve: answering(socket => endlessly(socket, Buffer.alloc(64 * 1024, 0xa5))),
    outcome: /^protocol: /,
  },
  {
    name: 'sends zeros without end',
    serve: answering(socket => endlessly(socket, Buffer.alloc(64 * 1024))),
    outcome: /^protocol: /,
  },
]

/** Listens on loopback until the scope ends; gives the port. */
export const servePort = async (scope: Scope, serve: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
