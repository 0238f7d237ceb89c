import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { platform } from 'node:os'
import t from 'tap'
import { PoolCalls } from '../../../src/calls/pool-calls.js'
import { HepSource } from '../../../src/calls/sources/hep.js'
import type { SavedSource } from '../../../src/calls/sources/source.js'
import { sipMessage } from '../../../src/demo/trace-text.js'
import { encodeHep } from '../../../src/protocol/hep-encode.js'
import { until } from '../../peers/wait.js'
import { invite } from '../../protocol/trace-samples.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const packet = (text: string, more = {}): Uint8Array =>
  encodeHep({ payload: bytesOf(text), protocolType: 1, nodeName: 'SBC1', ...more })

/** An INVITE to voicemail, and the 503 that ends it. */
const SENT = sipMessage({
  ...invite(1),
  startLine: 'INVITE sip:bob@contoso.com;opaque=app:voicemail SIP/2.0',
})
const FAILED = sipMessage({ ...invite(1), startLine: 'SIP/2.0 503 Service Unavailable', body: '' })

type Test = Pick<typeof t, 'teardown'>

const setUp = async (
  t: Test,
  transport: 'udp' | 'tcp',
  options: { port?: number; saved?: SavedSource } = {},
) => {
  const pool = new PoolCalls('edgepool1', [], 7, 0)
  const lines: string[] = []
  let port = options.port ?? 0
  const source = new HepSource(
    { kind: 'hep', pool: 'edgepool1', name: 'hep', transport, listen: { host: '127.0.0.1', port } },
    pool,
    (level, message, fields) => {
      lines.push(`${level} ${message}`)
      if (typeof fields?.port === 'number') port = fields.port
    },
    options.saved,
  )
  t.teardown(() => source.close())
  await source.round()
  return { pool, source, lines, port }
}

const sendUdp = async (t: Test, port: number, ...packets: readonly Uint8Array[]) => {
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  for (const one of packets) {
    await new Promise<void>(resolve => socket.send(one, port, '127.0.0.1', () => resolve()))
  }
}

void t.test('messages that come as datagrams are counted', async t => {
  const { pool, source, lines, port } = await setUp(t, 'udp')
  t.match(source.status(), { up: true, detail: undefined, records: 0, readBytes: 0 })
  const packets = [packet(SENT), packet(FAILED)]
  await sendUdp(t, port, ...packets)
  await until(() => source.status().records === 2, { what: 'two records' })
  t.equal(
    source.status().readBytes,
    packets.reduce((sum, one) => sum + one.length, 0),
  )
  pool.end()
  t.same(pool.tally().sipFailures, [[['sbc1', '503', '', 'other'], 1]])
  t.match(pool.tally().outcomes, { failed: 1 })
  t.same(pool.offsets(), [], 'no clock is told from a capture')
  t.same(lines, ['info HEP is received'])
  t.same(await source.round(), { more: false })
})

void t.test('what is no packet, no SIP or no message is counted apart', async t => {
  const { source, port } = await setUp(t, 'udp')
  await sendUdp(
    t,
    port,
    bytesOf('not hep at all'),
    packet(SENT).subarray(0, 40),
    packet('a log line', { protocolType: 100 }),
    packet('nonsense'),
    packet(SENT),
  )
  await until(() => source.status().records === 2, { what: 'the last packet' })
  t.match(source.status(), { records: 2, dropped: 2, malformed: 1 })
})

void t.test('packets over TCP may come in any pieces', async t => {
  const { source, port } = await setUp(t, 'tcp')
  const bytes = Buffer.concat([packet(SENT), packet(FAILED), packet(SENT)])
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  for (const [from, to] of [
    [0, 3],
    [3, 200],
    [200, bytes.length - 1],
  ] as const) {
    socket.write(bytes.subarray(from, to))
  }
  await until(() => source.status().records === 2, { what: 'two records' })
  socket.write(bytes.subarray(-1))
  await until(() => source.status().records === 3, { what: 'the third' })
  t.match(source.status(), { malformed: 0, dropped: 0, readBytes: bytes.length })
})

void t.test('a connection that does not speak HEP is ended, others go on', async t => {
  const { source, port } = await setUp(t, 'tcp')
  const good = connect(port, '127.0.0.1')
  const bad = connect(port, '127.0.0.1')
  t.teardown(() => void good.destroy())
  bad.write('GET / HTTP/1.1\r\n\r\n')
  bad.resume()
  await once(bad, 'close')
  t.equal(source.status().dropped, 1)
  good.write(packet(SENT))
  await until(() => source.status().records === 1, { what: 'the packet of the other' })
})

void t.test('a connection that ends within a packet has lost it', async t => {
  const { source, port } = await setUp(t, 'tcp')
  const socket = connect(port, '127.0.0.1')
  socket.end(packet(SENT).subarray(0, 50))
  socket.resume()
  await until(() => source.status().dropped === 1, { what: 'a lost packet' })
  t.equal(source.status().records, 0)
})

void t.test('counts go on from what was saved, and there is no position', async t => {
  const counts = { records: 5, malformed: 6, dropped: 7, readBytes: 8 }
  const { source } = await setUp(t, 'udp', { saved: { counts, of: '', position: null } })
  t.match(source.status(), counts)
  t.equal(source.save(), null)
})

void t.test('a port that is taken is told once, and tried again until it is free', async t => {
  for (const transport of ['udp', 'tcp'] as const) {
    const first = await setUp(t, transport)
    const second = await setUp(t, transport, { port: first.port })
    t.equal(second.source.status().up, false)
    t.match(second.source.status().detail, /EADDRINUSE/)
    await second.source.round()
    t.same(second.lines, ['error HEP cannot be received'])
    await first.source.close()
    await until(
      async () => {
        await second.source.round()
        return second.source.status().up
      },
      { what: 'the port' },
    )
    t.equal(second.source.status().detail, undefined)
  }
})

void t.test('closing ends connections and frees the port', async t => {
  const { source, port } = await setUp(t, 'tcp')
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  socket.write(packet(SENT))
  await until(() => source.status().records === 1, { what: 'the connection' })
  await source.close()
  await once(socket, 'close')
  t.equal((await setUp(t, 'tcp', { port })).source.status().up, true)
})

void t.test(
  'a port that stays taken costs no socket each time it is tried',
  {
    skip: platform() !== 'linux' && 'counted in /proc',
  },
  async t => {
    const first = await setUp(t, 'udp')
    const second = await setUp(t, 'udp', { port: first.port })
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    for (let i = 0; i < 20; i++) await second.source.round()
    t.equal(open(), before)
  },
)
