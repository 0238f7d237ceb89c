import type { LookupAddress } from 'node:dns'
import { getEventListeners } from 'node:events'
import { test } from 'tap'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import { Resolver } from '../../src/net/resolver.js'
import { settle } from './virtual-time.js'

const never = new AbortController().signal
const deadline = () => new DeadlineExceeded('time is up')

interface Question {
  readonly host: string
  answer(address: string, family?: number): Promise<void>
  fail(message?: string): Promise<void>
}

/** A resolver whose look-ups are answered by hand and whose clock is moved by hand. */
const byHand = () => {
  /** All that were asked, in order. */
  const asked: string[] = []
  /** Those not answered yet. */
  const open: Question[] = []
  const time = { nowMs: 0 }
  const lookup = (host: string): Promise<LookupAddress> =>
    new Promise((resolve, reject) => {
      asked.push(host)
      const close = (): Promise<void> => {
        open.splice(open.indexOf(question), 1)
        return settle()
      }
      const question: Question = {
        host,
        answer: (address, family = 4) => {
          resolve({ address, family })
          return close()
        },
        fail: (message = `getaddrinfo ENOTFOUND ${host}`) => {
          reject(new Error(message))
          return close()
        },
      }
      open.push(question)
    })
  const resolver = new Resolver(lookup, () => time.nowMs)
  const next = (host: string): Question => {
    const question = open.find(other => other.host === host)
    if (!question) throw new Error(`nobody asks for ${host}`)
    return question
  }
  /** Asks, and answers at once. */
  const find = async (host: string, address: string): Promise<void> => {
    const found = resolver.resolve(host, never)
    await settle()
    await next(host).answer(address)
    await found
  }
  return { resolver, asked, open, time, next, find }
}

void test('an IP address is itself, and nobody is asked', async t => {
  const { resolver, asked } = byHand()
  const table = [
    ['192.0.2.1', 4],
    ['2001:db8::1', 6],
    ['::1', 6],
    ['fe80::1%eth0', 6],
  ] as const
  for (const [address, family] of table) {
    t.strictSame(await resolver.resolve(address, never), { ok: true, address, family })
  }
  t.strictSame(await resolver.resolve('192.0.2.1', AbortSignal.abort()), {
    ok: true,
    address: '192.0.2.1',
    family: 4,
  })
  t.same(asked, [])
})

void test('a name is looked up, in either family', async t => {
  const { resolver, next } = byHand()
  const [four, six] = [resolver.resolve('four', never), resolver.resolve('six', never)]
  await settle()
  await next('four').answer('192.0.2.4', 4)
  await next('six').answer('2001:db8::6', 6)
  t.strictSame(await four, { ok: true, address: '192.0.2.4', family: 4 })
  t.strictSame(await six, { ok: true, address: '2001:db8::6', family: 6 })
})

void test('a name without an address is a failure, with the reason of the system', async t => {
  const { resolver, next } = byHand()
  const found = resolver.resolve('nobody', never)
  await settle()
  await next('nobody').fail('getaddrinfo ENOTFOUND nobody')
  t.strictSame(await found, { ok: false, reason: 'dns', detail: 'getaddrinfo ENOTFOUND nobody' })
})

void test('a look-up that throws at once is a failure too', async t => {
  const resolver = new Resolver(() => {
    throw new Error('no resolver here')
  })
  t.match(await resolver.resolve('name', never), { ok: false, reason: 'dns' })
  t.match(await resolver.resolve('name', never), { ok: false, reason: 'dns' })
})

void test('a name is asked for again after a minute, not before', async t => {
  const { resolver, asked, time, find } = byHand()
  await find('name', '192.0.2.1')
  time.nowMs = 59_999
  await resolver.resolve('name', never)
  await settle()
  t.same(asked, ['name'])
  time.nowMs = 60_000
  await resolver.resolve('name', never)
  await settle()
  t.same(asked, ['name', 'name'])
})

void test('a failure is not remembered: the next reading asks again', async t => {
  const { resolver, asked, next, find } = byHand()
  const failing = resolver.resolve('name', never)
  await settle()
  await next('name').fail()
  t.match(await failing, { ok: false })
  await find('name', '192.0.2.1')
  t.same(asked, ['name', 'name'])
})

void test('the old address serves while its refresh hangs, and the new one after it', async t => {
  const { resolver, asked, time, next, find } = byHand()
  await find('name', '192.0.2.1')
  time.nowMs = 3_600_000
  for (let i = 0; i < 3; i++) {
    t.match(await resolver.resolve('name', never), { ok: true, address: '192.0.2.1' })
    await settle()
  }
  t.same(asked, ['name', 'name'], 'one refresh is under way, however often the name is used')
  await next('name').answer('192.0.2.2')
  t.match(await resolver.resolve('name', never), { ok: true, address: '192.0.2.2' })
  t.equal(asked.length, 2, 'and it is fresh')
})

void test('the old address serves when its refresh fails', async t => {
  const { resolver, asked, time, next, find } = byHand()
  await find('name', '192.0.2.1')
  time.nowMs = 60_000
  await resolver.resolve('name', never)
  await settle()
  await next('name').fail()
  t.match(await resolver.resolve('name', never), { ok: true, address: '192.0.2.1' })
  await settle()
  t.equal(asked.length, 3, 'and it is tried again')
})

void test('a name that hangs ends as `dns` when the time is up', async t => {
  const { resolver } = byHand()
  const controller = new AbortController()
  const found = resolver.resolve('slow', controller.signal)
  await settle()
  controller.abort(deadline())
  t.match(await found, { ok: false, reason: 'dns', detail: /in time/ })
})

void test('a name that hangs ends as `aborted` when it is given up', async t => {
  const { resolver } = byHand()
  const controller = new AbortController()
  const found = resolver.resolve('slow', controller.signal)
  await settle()
  controller.abort()
  t.match(await found, { ok: false, reason: 'aborted' })
  t.match(await resolver.resolve('slow', AbortSignal.abort()), { ok: false, reason: 'aborted' })
  const late = AbortSignal.abort(deadline())
  t.match(await resolver.resolve('slow', late), { ok: false, reason: 'dns' })
})

void test('the look-up goes on without the one who gave up, for those who come later', async t => {
  const { resolver, asked, next } = byHand()
  const controller = new AbortController()
  const first = resolver.resolve('slow', controller.signal)
  await settle()
  controller.abort()
  t.match(await first, { ok: false })
  const second = resolver.resolve('slow', never)
  await next('slow').answer('192.0.2.1')
  t.match(await second, { ok: true, address: '192.0.2.1' })
  t.match(await resolver.resolve('slow', AbortSignal.abort()), { ok: true })
  t.same(asked, ['slow'])
})

void test('a name that many ask for is looked up once', async t => {
  const { resolver, asked, next } = byHand()
  const found = [1, 2, 3].map(() => resolver.resolve('name', never))
  await settle()
  t.same(asked, ['name'])
  await next('name').answer('192.0.2.1')
  for (const each of await Promise.all(found)) t.match(each, { ok: true, address: '192.0.2.1' })
})

void test('two names are looked up at once; the others come in their order', async t => {
  const { resolver, asked, open, next } = byHand()
  const names = ['a', 'b', 'c', 'd', 'e']
  const found = names.map(name => resolver.resolve(name, never))
  await settle()
  t.same(asked, ['a', 'b'])
  await next('b').answer('192.0.2.2')
  t.same(asked, ['a', 'b', 'c'])
  await next('c').fail()
  t.same(asked, ['a', 'b', 'c', 'd'], 'a failure frees the place too')
  await next('a').answer('192.0.2.1')
  t.same(asked, names)
  t.equal(open.length, 2)
  while (open[0]) await open[0].answer('192.0.2.9')
  const results = await Promise.all(found)
  t.same(
    results.map(result => result.ok),
    [true, true, false, true, true],
  )
  const again = ['f', 'g', 'h'].map(name => resolver.resolve(name, never))
  await settle()
  t.same(
    open.map(question => question.host),
    ['f', 'g'],
    'two places are free again',
  )
  for (const name of ['f', 'g', 'h']) await next(name).answer('192.0.2.3')
  t.equal((await Promise.all(again)).length, 3)
})

void test('names that failed wait behind those that did not', async t => {
  const { resolver, asked, next } = byHand()
  const failing = ['dead1', 'dead2'].map(name => resolver.resolve(name, never))
  await settle()
  await next('dead1').fail()
  await next('dead2').fail()
  await Promise.all(failing)
  const all = ['x', 'y', 'dead1', 'new', 'dead2'].map(name => resolver.resolve(name, never))
  await settle()
  t.same(asked.slice(2), ['x', 'y'])
  await next('x').answer('192.0.2.1')
  t.same(asked.slice(4), ['new'])
  await next('y').answer('192.0.2.1')
  t.same(asked.slice(5), ['dead1'])
  await next('new').answer('192.0.2.1')
  t.same(asked.slice(6), ['dead2'])
  await next('dead1').answer('192.0.2.1')
  await next('dead2').fail()
  t.equal((await Promise.all(all)).filter(found => found.ok).length, 4)
})

void test('a name that is found again is no longer behind', async t => {
  const { resolver, asked, time, next, find } = byHand()
  const failing = resolver.resolve('once', never)
  await settle()
  await next('once').fail()
  await failing
  await find('once', '192.0.2.1')
  time.nowMs = 60_000
  const all = ['x', 'y', 'once', 'z'].map(name => resolver.resolve(name, never))
  await settle()
  await next('x').answer('192.0.2.1')
  t.equal(asked.at(-1), 'once')
  for (const name of ['y', 'once', 'z']) await next(name).answer('192.0.2.1')
  await Promise.all(all)
})

void test('a reading that is over does not listen to its signal any more', async t => {
  const { resolver, next } = byHand()
  const { signal } = new AbortController()
  const found = resolver.resolve('name', signal)
  await settle()
  t.equal(getEventListeners(signal, 'abort').length, 1)
  await next('name').answer('192.0.2.1')
  await found
  t.same(getEventListeners(signal, 'abort'), [])
})

void test('no more than 10 000 names wait; the next are refused until some were found', async t => {
  const gate: { open?: () => void } = {}
  const closed = new Promise<void>(resolve => {
    gate.open = resolve
  })
  const resolver = new Resolver(async () => {
    await closed
    return { address: '192.0.2.1', family: 4 }
  })
  const found = Array.from({ length: 10_002 }, (_, i) =>
    resolver.resolve(`${i}`, new AbortController().signal),
  )
  t.match(await resolver.resolve('more', never), { ok: false, reason: 'dns', detail: /too many/ })
  gate.open?.()
  t.ok((await Promise.all(found)).every(each => each.ok))
  t.match(await resolver.resolve('more', never), { ok: true })
})

void test('no more than 20 000 names are remembered', async t => {
  const asked: string[] = []
  const resolver = new Resolver(async host => {
    asked.push(host)
    return { address: '192.0.2.1', family: 4 }
  })
  for (let i = 0; i < 20_000; i++) await resolver.resolve(`${i}`, never)
  await resolver.resolve('0', never)
  t.equal(asked.length, 20_000, 'all of them are remembered')
  await resolver.resolve('20000', never)
  await resolver.resolve('0', never)
  t.equal(asked.length, 20_002, 'and then none')
})

void test('no more than 20 000 names that failed are remembered', async t => {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const resolver = new Resolver(async host => {
    asked.push(host)
    if (asked.length > 20_001) await new Promise<void>(resolve => waiting.push(resolve))
    throw new Error('not found')
  })
  for (let i = 0; i <= 20_000; i++) await resolver.resolve(`dead${i}`, never)
  for (const name of ['x', 'y', 'dead0', 'new']) void resolver.resolve(name, never)
  await settle()
  waiting[0]?.()
  await settle()
  t.same(asked.slice(20_001), ['x', 'y', 'dead0'], 'the first of them is no longer behind')
})
