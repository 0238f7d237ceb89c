import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Connection, Platform } from '../../src/net/platform.js'
import { Recording } from '../../src/net/recording.js'
import { passing } from '../sim/clock-side.js'
import { type SimServer, World } from '../sim/world.js'

const HOST = '192.0.2.11'
const bytes = (count: number, value = 0x1b): Uint8Array => new Uint8Array(count).fill(value)
const NEVER = new AbortController().signal

const recorded = (change: Partial<SimServer>) => {
  const world = new World()
  world.add(HOST, change)
  const recording = new Recording(world.platform)
  const { platform } = recording
  const connect = async (): Promise<Connection> => {
    const to = { address: HOST, family: 4 } as const
    const result = await passing(world, platform.connect({ to, port: 443, signal: NEVER }))
    if (!result.ok) throw new Error(result.detail)
    return result.connection
  }
  return { world, recording, platform, connect, text: () => recording.lines.join('\n') }
}

const ask = (connection: Connection, request: Uint8Array, replyBytes: number) =>
  connection.exchange({
    request,
    accept: reply => (reply.length >= replyBytes ? reply.length : undefined),
    limit: 100_000,
    signal: NEVER,
  })

void t.test('a conversation over TCP is shown with its bytes, pieces and times', async t => {
  const { world, connect, text } = recorded({
    converse: () => () => [Uint8Array.of(0xde, 0xad), Uint8Array.of(0xbe, 0xef)],
    certificate: bytes(700),
  })
  const connection = await connect()
  await passing(world, connection.secure({ serverName: 'edge02', signal: NEVER }))
  const result = await passing(world, ask(connection, Uint8Array.of(1, 2, 255), 4))
  t.match(result, { ok: true, value: 4 }, 'it is what came without it')
  t.equal(connection.isOpen, true)
  connection.close(Uint8Array.of(0x15))
  t.equal(connection.isOpen, false)
  t.equal(
    text().replace(/\+(\d\.\d{3})\d{3} s/g, '+$1'),
    `+0.000  connects to TCP 192.0.2.11:443
+0.002  connected
+0.010  TLS handshake, SNI edge02
+0.010  TLS, certificate of 700 bytes
+0.020  out: 3 bytes
    01 02 ff
+0.022  in: 2 bytes
    de ad
+0.022  in: 2 bytes
    be ef
+0.030  out: 1 bytes
    15
+0.030  closes the connection`,
  )
})

void t.test('failures have their reasons', async t => {
  const { world, recording, platform, text } = recorded({ refuses: true })
  const to = { address: HOST, family: 4 } as const
  await passing(world, platform.connect({ to, port: 1, signal: NEVER }))
  world.resolves = async () => ({ ok: false, reason: 'dns', detail: 'no \u001b[2J such\nname' })
  await passing(world, platform.resolve('edge02', NEVER))
  t.match(text(), 'refused: port closed')
  t.match(text(), 'edge02: dns: no \\u{1b}[2J such\\u{a}name')
  t.equal(recording.lines.length, 3)
})

const datagrams = async (t: Test, platform: Platform, world: World, count: number) => {
  const to = { address: HOST, family: 4 } as const
  for (let i = 0; i < count; i++) {
    const call = { to, port: 123, request: bytes(48), accept: () => 'read', signal: NEVER }
    t.match(await passing(world, platform.exchangeDatagram(call)), { ok: true, value: 'read' })
  }
}

void t.test('datagrams are shown, those that are thrown away too, and 64 of them', async t => {
  const { world, recording, platform, text } = recorded({ instead: () => [bytes(7)] })
  await datagrams(t, platform, world, 1)
  t.match(text(), /out to UDP 192\.0\.2\.11:123: 48 bytes\n {4}1b 1b .*\n.*\n.* in: 7 bytes\n/)
  await datagrams(t, platform, world, 99)
  t.equal(recording.lines.filter(line => line.includes('out to')).length, 64)
  t.equal(recording.lines.at(-1), '36 more exchanges are not shown')
})

void t.test('of a flood of datagrams in one exchange the first ones are shown', async t => {
  for (const count of [1000, 4000]) {
    const { world, recording, platform, text } = recorded({
      instead: honest => [...Array<Uint8Array>(count).fill(bytes(300)), honest],
    })
    const to = { address: HOST, family: 4 } as const
    const accept = (reply: Uint8Array) => (reply.length === 48 ? 'read' : undefined)
    const call = { to, port: 123, request: bytes(48), accept, signal: NEVER }
    t.match(await passing(world, platform.exchangeDatagram(call)), { ok: true, value: 'read' })
    t.equal(
      recording.lines.filter(line => line.endsWith('300 bytes, the first 256 shown')).length,
      16,
    )
    t.match(text(), `in ${count + 1 - 16} more datagrams`)
    t.ok(recording.lines.length < 16 * 10, `${count}: ${recording.lines.length} lines`)
  }
})

void t.test('of a long message its beginning is shown, of many pieces the first ones', async t => {
  const { world, recording, connect, text } = recorded({
    converse: () => request => (request.length > 3 ? [bytes(5000)] : Array(1000).fill(bytes(1))),
  })
  const connection = await connect()
  await passing(world, ask(connection, bytes(300), 5000))
  t.match(text(), 'out: 300 bytes, the first 256 shown')
  t.match(text(), 'in: 5000 bytes, the first 256 shown')
  t.equal(recording.lines.filter(line => line.startsWith('    1b')).length, 16)
  await passing(world, ask(connection, bytes(1), 1000))
  t.match(text(), 'in 984 more pieces, 1000 bytes in all')
  t.ok(recording.lines.length < 60)
})

void t.test('nothing that comes is shown as text', async t => {
  const { world, connect, recording } = recorded({
    converse: () => () => [Buffer.from('<script>\u001b[2J')],
  })
  await passing(world, ask(await connect(), bytes(1), 1))
  recording.note('the server says \u001b[2J\n\u202e')
  const text = recording.lines.join('\n')
  for (const raw of ['script', '\u001b', '\u202e']) t.notOk(text.includes(raw))
  t.match(text, 'says \\u{1b}[2J\\u{a}\\u{202e}')
})

void t.test('notes are bounded in number and in length', async t => {
  const recording = new Recording(new World().platform)
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 5000 }), async note => {
      for (let i = 0; i < 20; i++) recording.note(note)
    }),
  )
  t.ok(recording.lines.length <= 256)
  t.ok(recording.lines.every(line => line.length < 500 * 10))
})
