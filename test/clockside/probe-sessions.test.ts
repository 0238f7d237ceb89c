import t from 'tap'
import { ProbeSessions } from '../../src/clockside/probe-sessions.js'
import type { Module } from '../../src/config/modules.js'
import { failure } from '../../src/net/failure.js'
import type { ProbeSession } from '../../src/probers/prober.js'
import { seconds } from '../../src/time/units.js'
import { World } from '../sim/world.js'

const ntp: Module = { name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(1) }
const HOST = '192.0.2.11'

const waiting = () => {
  let resolve = (): void => undefined
  const promise = new Promise<void>(done => (resolve = done))
  return { promise, resolve }
}

const counted = () => {
  const world = new World()
  const opened: { readonly host: string; closed: number }[] = []
  const sessions = new ProbeSessions(world.platform, (_, { host }) => {
    const one = { host, closed: 0 }
    opened.push(one)
    return {
      read: async () => failure('timeout', ''),
      close: () => {
        one.closed++
      },
    }
  })
  const open = () => opened.filter(({ closed }) => closed === 0).length
  const used = (host = HOST, module: Module = ntp): Promise<ProbeSession> =>
    sessions.use(host, module, async session => session)
  return { world, sessions, opened, open, used }
}

void t.test('one host and module is one session, with other options another', async t => {
  const { opened, used } = counted()
  const first = await used()
  t.equal(await used(), first)
  t.equal(await used(HOST, { ...ntp }), first, 'a copy of the module is the same one')
  t.not(await used(HOST, { ...ntp, port: 1123 }), first)
  t.not(await used(HOST, { ...ntp, timeout: seconds(2) }), first)
  t.not(await used('192.0.2.12'), first)
  t.equal(opened.length, 4)
})

void t.test('it is closed some minutes after its last use', async t => {
  const { world, used, open } = counted()
  await used()
  for (let i = 0; i < 10; i++) {
    await world.pass(seconds(60))
    await used()
  }
  await used('192.0.2.12')
  t.equal(open(), 2)
  await world.pass(seconds(200))
  await used()
  await world.pass(seconds(101))
  t.equal(open(), 1, 'the other one was used longer ago')
  await world.pass(seconds(200))
  t.equal(open(), 0)
  await used()
  t.equal(open(), 1)
  await world.pass(seconds(301))
  t.equal(open(), 0)
})

void t.test('a session at work is not shared, and is not closed', async t => {
  const { world, sessions, used, opened, open } = counted()
  const { promise, resolve } = waiting()
  let mine: ProbeSession | undefined
  const working = sessions.use(HOST, ntp, async session => {
    mine = session
    await promise
  })
  t.not(await used(), mine)
  t.same(
    opened.map(({ closed }) => closed),
    [0, 1],
    'the temporary one is closed at once',
  )
  await world.pass(seconds(700))
  t.equal(open(), 1)
  resolve()
  await working
  t.equal(await used(), mine)
})

void t.test('of too many the one that was used longest ago is closed', async t => {
  const { opened, used, open } = counted()
  for (let i = 0; i < 256; i++) await used(`host${i}`)
  await used('host0')
  t.equal(open(), 256)
  await used('one-more')
  t.equal(open(), 256)
  t.equal(opened[1]?.closed, 1)
  t.equal(opened[0]?.closed, 0)
})

void t.test('where all are at work, one more is closed after its use', async t => {
  const { sessions, used, open } = counted()
  const { promise, resolve } = waiting()
  const working = Array.from({ length: 256 }, (_, i) =>
    sessions.use(`host${i}`, ntp, () => promise),
  )
  await used('one-more')
  t.equal(open(), 256)
  resolve()
  await Promise.all(working)
  t.equal(open(), 256)
})

void t.test('all are closed once, those at work when they are done', async t => {
  const { world, sessions, used, opened, open } = counted()
  await used('192.0.2.12')
  const { promise, resolve } = waiting()
  const working = sessions.use(HOST, ntp, () => promise)
  sessions.forget()
  t.equal(open(), 1)
  const next = await used()
  resolve()
  await working
  t.same(
    opened.map(({ closed }) => closed),
    [1, 1, 0],
  )
  t.equal(await used(), next)
  sessions.forget()
  sessions.forget()
  await world.pass(seconds(1000))
  t.ok(opened.every(({ closed }) => closed === 1))
})

void t.test('a session whose use fails is kept, and can be used again', async t => {
  const { sessions, used, opened } = counted()
  await t.rejects(sessions.use(HOST, ntp, () => Promise.reject(new Error('a bug'))))
  await used()
  t.equal(opened.length, 1)
})
