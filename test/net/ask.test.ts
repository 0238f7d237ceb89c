import t from 'tap'
import { ask } from '../../src/net/ask.js'
import type { Connection } from '../../src/net/platform.js'
import type { Whole } from '../../src/protocol/whole.js'
import { elapsed, milliseconds } from '../../src/time/units.js'
import { passing } from '../sim/clock-side.js'
import { type Conversation, World } from '../sim/world.js'

const HOST = '192.0.2.13'
const NEVER = new AbortController().signal

/** Three bytes are whole, unless they begin with a zero. */
const read = (bytes: Uint8Array): Whole<number> => {
  if (bytes[0] === 0) return { ok: false, detail: 'it begins with a zero' }
  return bytes.length < 3 ? undefined : { ok: true, reply: bytes.length }
}

/** Its pieces come 10 ms apart. */
const asked = async (converse: Conversation) => {
  const world = new World()
  let pieces = 0
  const back = () => milliseconds(10 * ++pieces)
  world.add(HOST, { converse: () => converse, back })
  const to = { address: HOST, family: 4 } as const
  const opened = await passing(world, world.platform.connect({ to, port: 1, signal: NEVER }))
  if (!opened.ok) throw new Error(opened.detail)
  const connection: Connection = opened.connection
  pieces = 0
  const request = Uint8Array.of(7)
  return passing(world, ask(connection, { request, read, limit: 10, signal: NEVER }))
}

void t.test('a reply is whole with the piece that its last byte is in', async t => {
  const pieces = [Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4)]
  const answer = await asked(() => pieces)
  if (!answer.ok) throw new Error(answer.detail)
  t.equal(answer.reply, 3, 'nothing that comes later belongs to it')
  t.equal(elapsed(answer.sent, answer.received), milliseconds(1 + 20))
})

void t.test('what can be no reply is told at once', async t => {
  const answer = await asked(() => [Uint8Array.of(0), Uint8Array.of(1, 2)])
  t.strictSame(answer, { ok: false, reason: 'protocol', detail: 'it begins with a zero' })
})

void t.test('a failure of the exchange is that of the answer', async t => {
  t.match(await asked(() => undefined), { ok: false, reason: 'protocol', detail: 'closed' })
})
