import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { after } from './delay.js'
import type { Scope } from './scope.js'

/** Each client costs a socket; a client that asks from a new port each time is many clients. */
const MAX_CLIENTS = 64
const LINGER_MS = 1000

/** A share of the packets, 0 to 1, or whether to lose the n-th one of that direction (from 0). */
export type Loss = number | ((n: number) => boolean)

export type UdpProxyOptions = {
  to: { address: string; port: number }
  /** From the client to the server. */
  outMs?: number
  /** From the server to the client. */
  backMs?: number
  /** Added to each delay: evenly distributed between 0 and this. */
  jitterMs?: number
  lossOut?: Loss
  lossBack?: Loss
  /** Of the random numbers: the same seed loses and delays the same packets. */
  seed?: number
}

export type UdpProxy = {
  address: string
  port: number
  /** Packets so far, the lost ones not among those relayed. */
  counts: { out: number; back: number; lostOut: number; lostBack: number }
  close: () => Promise<void>
}

/** mulberry32: a test that loses packets at random must lose the same ones every time. */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const lossOf = (loss: Loss, random: () => number) => {
  let n = 0
  return () => (typeof loss === 'number' ? random() < loss : loss(n++))
}

const opened = async (address: string, connectTo?: number): Promise<Socket> => {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  if (connectTo === undefined) {
    socket.bind(0, address)
    await once(socket, 'listening')
  } else {
    socket.connect(connectTo, address)
    await once(socket, 'connect')
  }
  // A port that nobody listens on answers with an ICMP error: for a proxy that is a lost packet.
  socket.on('error', () => {})
  return socket
}

/** Delays and loses packets between clients and one server; the server sees a port per client. */
export const startUdpProxy = async (scope: Scope, options: UdpProxyOptions): Promise<UdpProxy> => {
  const { to, outMs = 0, backMs = 0, jitterMs = 0, lossOut = 0, lossBack = 0, seed = 1 } = options
  const counts = { out: 0, back: 0, lostOut: 0, lostBack: 0 }
  const random = randomFrom(seed)
  const losesOut = lossOf(lossOut, random)
  const losesBack = lossOf(lossBack, random)
  const jittered = (ms: number) => ms + jitterMs * random()
  const upstreams = new Map<string, Promise<Socket>>()
  let closed = false
  const front = await opened(isIPv6(to.address) ? '::1' : '127.0.0.1')
  const { address, port } = front.address()

  const upstreamFor = async (client: { address: string; port: number }) => {
    const upstream = await opened(to.address, to.port)
    upstream.on('message', reply => {
      if (losesBack()) {
        counts.lostBack++
        return
      }
      after(jittered(backMs), () => {
        if (closed) return
        counts.back++
        front.send(reply, client.port, client.address)
      })
    })
    return upstream
  }

  const sendOn = async (upstream: Promise<Socket>, request: Buffer) => {
    const socket = await upstream
    if (closed) return
    counts.out++
    socket.send(request)
  }

  const upstreamOf = (client: { address: string; port: number }) => {
    const key = `${client.address} ${client.port}`
    const known = upstreams.get(key)
    if (known) return known
    const [oldest] = upstreams
    if (oldest && upstreams.size >= MAX_CLIENTS) {
      upstreams.delete(oldest[0])
      // Packets of its own may still be on the way.
      after(outMs + backMs + jitterMs + LINGER_MS, () => void oldest[1].then(it => it.close()))
    }
    const upstream = upstreamFor(client)
    upstreams.set(key, upstream)
    return upstream
  }

  front.on('message', (request, client) => {
    if (losesOut()) {
      counts.lostOut++
      return
    }
    const upstream = upstreamOf(client)
    after(jittered(outMs), () => {
      void sendOn(upstream, request)
    })
  })

  const close = async () => {
    if (closed) return
    closed = true
    front.close()
    for (const upstream of upstreams.values()) (await upstream).close()
  }
  scope.teardown(close)
  return { address, port, counts, close }
}
