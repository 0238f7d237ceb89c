import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'tap'
import { decodeHep } from '../../src/protocol/hep.js'
import { HepStream } from '../../src/protocol/hep-stream.js'
import { startKamailio } from './kamailio.js'
import { skipUnless } from './peer.js'
import type { Scope } from './scope.js'
import { sippCalls, startSippServer } from './sipp.js'
import type { SippAnswer } from './sipp-scenarios.js'
import { until } from './wait.js'

const CALLS = 5
const CAPTURE_ID = 2001
const HOUR_SECONDS = 3600
/** More than a run takes. */
const NEAR_SECONDS = 120

/** What a collector keeps of a packet. */
type Captured = { seconds: number; captureId: number; protocolType: number; lines: string[] }

type Collector = {
  captured: Captured[]
  /** Why packets were refused: there should be none. */
  refused: string[]
  address: string
  port: number
  connections: number
}

const collect = ({ captured, refused }: Collector, bytes: Uint8Array): void => {
  const packet = decodeHep(bytes)
  if (!packet.ok) return void refused.push(packet.reason)
  const { seconds, captureId, protocolType, payload } = packet
  const lines = Buffer.from(payload).toString('utf8').split('\r\n')
  captured.push({ seconds, captureId, protocolType, lines })
}

const newCollector = (): Collector => ({
  captured: [],
  refused: [],
  address: '127.0.0.1',
  port: 0,
  connections: 0,
})

const udpCollector = async (scope: Scope): Promise<Collector> => {
  const collector = newCollector()
  const socket = createSocket('udp4', message => collect(collector, message))
  scope.teardown(() => socket.close())
  socket.bind(0, collector.address)
  await once(socket, 'listening')
  collector.port = socket.address().port
  return collector
}

const tcpCollector = async (scope: Scope): Promise<Collector> => {
  const collector = newCollector()
  const server = createServer(connection => {
    collector.connections++
    const stream = new HepStream(bytes => collect(collector, bytes))
    connection.on('data', bytes => {
      const pushed = stream.push(bytes)
      if (!pushed.ok) collector.refused.push(pushed.reason)
    })
    connection.on('error', () => {})
    scope.teardown(() => connection.destroy())
  })
  scope.teardown(() => server.close())
  server.listen(0, collector.address)
  await once(server, 'listening')
  const bound = server.address()
  if (bound !== null && typeof bound === 'object') collector.port = bound.port
  return collector
}

const header = ({ lines }: Captured, name: string): string | undefined =>
  lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)

/** The start lines captured of each call, in the order in which they came. */
const startLinesOf = ({ captured }: Collector, callId: string): string[] =>
  captured.filter(one => header(one, 'Call-ID') === callId).map(one => one.lines[0] ?? '')

/** Begins of start lines, and how often at least they are captured of each call. */
type Messages = Readonly<Record<string, number>>

/** In and out of the proxy, which makes the 100 by itself, and acknowledges a failure by itself. */
const FAILED_CALL: Messages = {
  'INVITE sip:user1@contoso.com;opaque=app:voicemail SIP/2.0': 2,
  'SIP/2.0 100': 1,
  'SIP/2.0 429 Provide Referrer Identity': 2,
  ACK: 2,
}

/** The INVITE's 200 and the BYE's. */
const ANSWERED_CALL: Messages = { INVITE: 2, 'SIP/2.0 100': 1, 'SIP/2.0 200': 4, ACK: 2, BYE: 2 }

const hasAll = (lines: readonly string[], messages: Messages): boolean =>
  Object.entries(messages).every(
    ([begin, times]) => lines.filter(line => line.startsWith(begin)).length >= times,
  )

type Run = { transport: 'udp' | 'tcp'; answer: SippAnswer; messages: Messages; offset?: string }

/** Calls through a proxy that mirrors to the collector, until that has all messages of each call. */
const callThrough = async (scope: Scope, { transport, answer, messages, offset }: Run) => {
  const collector = await (transport === 'udp' ? udpCollector(scope) : tcpCollector(scope))
  const { address, port } = collector
  const proxy = await startKamailio(scope, {
    next: await startSippServer(scope, { answer }),
    hep: { address, port, transport, captureId: CAPTURE_ID },
    ...(offset !== undefined && { offset }),
  })
  const callIds = await sippCalls(scope, { to: proxy, calls: CALLS, answer })
  await until(() => callIds.every(id => hasAll(startLinesOf(collector, id), messages)), {
    what: 'all messages of all calls',
  })
  return { collector, callIds }
}

for (const transport of ['udp', 'tcp'] as const) {
  void test(`Kamailio mirrors each call's INVITE and 429, in and out, over ${transport}`, async t => {
    if (skipUnless(t, 'kamailio', 'siptrace', 'sipp')) return
    const run = { transport, answer: 'referrer_skewed', messages: FAILED_CALL } as const
    const { collector, callIds } = await callThrough(t, run)
    t.equal(new Set(collector.captured.map(one => header(one, 'Call-ID'))).size, callIds.length)
    for (const one of collector.captured) t.match(one, { captureId: CAPTURE_ID, protocolType: 1 })
    const told = collector.captured.filter(one => one.lines[0]?.startsWith('SIP/2.0 429'))
    for (const one of told) t.match(header(one, 'ms-diagnostics'), /^1020;.*REFERRER_DATE_SKEWED/)
    t.same(collector.refused, [])
    t.equal(collector.connections, transport === 'tcp' ? 1 : 0)
  })
}

void test("an answered call ends with its BYE, and the stamps are of the proxy's clock", async t => {
  if (skipUnless(t, 'kamailio', 'siptrace', 'sipp', 'libfaketime')) return
  const run = { transport: 'udp', answer: 'ok', messages: ANSWERED_CALL, offset: '-6h' } as const
  const { collector } = await callThrough(t, run)
  const now = Date.now() / 1000
  for (const { seconds } of collector.captured) {
    t.ok(Math.abs(seconds + 6 * HOUR_SECONDS - now) < NEAR_SECONDS)
  }
  t.same(collector.refused, [])
})
