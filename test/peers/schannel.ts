import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  certificateRequest,
  certificates,
  joinBytes,
  randomWith,
  records,
  serverHello,
  serverHelloDone,
} from '../protocol/tls-bytes.js'
import type { Scope } from './scope.js'

export type SchannelOptions = {
  certificate: Uint8Array
  /** What comes behind the server's own certificate. */
  chain?: readonly Uint8Array[]
  /** The server's clock − this machine's, in seconds. */
  shiftSeconds?: number
  /** In place of a random that begins with the clock. */
  random?: () => Uint8Array
  /** The most bytes of a record, and of what is sent at once; 0 sends all in one. */
  recordBytes?: number
  pieceBytes?: number
}

export type Schannel = {
  address: string
  port: number
  /** How many connections were made, and what each client said, all of it. */
  connections: () => number
  said: () => readonly Uint8Array[]
  /** Connections that the client ended without a FIN. */
  resets: () => number
  change: (options: Partial<SchannelOptions>) => void
}

/** Windows' clock ticks so often, in milliseconds. */
const TICK = 15.625
const ADDRESS = '127.0.0.1'

const clock = (shiftSeconds: number): number =>
  Math.floor((Math.floor(Date.now() / TICK) * TICK) / 1000 + shiftSeconds)

/** The flight of a server that wants a client's certificate: all messages in one record, or cut up. */
const flightOf = (options: SchannelOptions): Uint8Array => {
  const { certificate, chain = [], shiftSeconds = 0, random, recordBytes } = options
  const messages = joinBytes(
    serverHello({ random: random?.() ?? randomWith(clock(shiftSeconds)) }),
    certificates(certificate, ...chain),
    certificateRequest(),
    serverHelloDone(),
  )
  return records(messages, recordBytes)
}

const send = async (socket: Socket, bytes: Uint8Array, size: number): Promise<void> => {
  if (size === 0) return void socket.write(bytes)
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size))
    // One piece a packet: what is written at once is joined on its way.
    await pause(1)
  }
}

/**
 * What Debian has no server for: TLS 1.2 as Windows speaks it on a port that wants a client's certificate.
 * It answers each ClientHello with a flight, and goes no further.
 */
export const startSchannel = async (scope: Scope, first: SchannelOptions): Promise<Schannel> => {
  let options = first
  let connections = 0
  let resets = 0
  const said: Uint8Array[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    connections++
    sockets.add(socket)
    const heard: Uint8Array[] = []
    socket.once('data', () => void send(socket, flightOf(options), options.pieceBytes ?? 0))
    socket.on('data', piece => heard.push(new Uint8Array(piece)))
    socket.on('error', () => resets++)
    socket.on('close', () => {
      said.push(joinBytes(...heard))
      sockets.delete(socket)
    })
  })
  server.listen(0, ADDRESS)
  await once(server, 'listening')
  scope.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  return {
    address: ADDRESS,
    port: bound.port,
    connections: () => connections,
    said: () => said,
    resets: () => resets,
    change: more => (options = { ...options, ...more }),
  }
}
