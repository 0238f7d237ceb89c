import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import t from 'tap'
import { allowProbe } from '../../src/config/allow.js'
import type { Config } from '../../src/config/config.js'
import { type Shard, parseShard, shardConfig, shardOf, workOf } from '../../src/config/shard.js'
import { showConfig } from '../../src/config/show.js'
import { configOf } from './parsed.js'

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 })
const pools = fc.dictionary(name, names, { minKeys: 1, maxKeys: 6 })
const count = fc.integer({ min: 1, max: 7 })
const setting = fc.record({ pools, count, host: fc.tuple(name, name), called: names })
type Pools = Readonly<Record<string, readonly string[]>>
type Setting = { pools: Pools; count: number; host: [string, string]; called: readonly string[] }

const written = ({ pools, host: [pool, host], called }: Omit<Setting, 'count'>): Config =>
  configOf(
    JSON.stringify({
      reference: { servers: ['a.example', 'b.example', 'c.example'] },
      pools: Object.entries(pools).map(([pool, servers]) => ({
        name: pool,
        servers: servers.map(server => ({ name: server, address: `${server}.${pool}.example` })),
      })),
      host: { pool, name: host },
      calls: {
        state_directory: '/var/lib/edgeclock',
        sources: called.flatMap(pool => [
          { kind: 'push', pool },
          { kind: 'trace', pool, path: `/var/log/${pool}/*.log` },
        ]),
      },
    }),
  )

const every = (count: number): readonly Shard[] =>
  Array.from({ length: count }, (_, i) => ({ index: i + 1, count }))

const serversOf = ({ pools }: Config): readonly string[] =>
  pools.flatMap(pool => pool.servers.map(server => `${pool.name}/${server.name}`))

const sourcesOf = ({ calls }: Config): readonly string[] =>
  calls?.sources.map(source => `${source.pool}/${source.name}`) ?? []

/** Which shard has each server. */
const placesOf = (config: Config, count: number): ReadonlyMap<string, number> =>
  new Map(
    every(count).flatMap(shard =>
      serversOf(shardConfig(config, shard)).map(server => [server, shard.index] as const),
    ),
  )

void t.test('every server, source and host is in exactly one shard', async () => {
  fc.assert(
    fc.property(setting, ({ count, ...rest }) => {
      const whole = written(rest)
      const shards = every(count).map(shard => shardConfig(whole, shard))
      const sorted = (of: (config: Config) => readonly string[]) => shards.flatMap(of).toSorted()
      assert.deepEqual(sorted(serversOf), serversOf(whole).toSorted())
      assert.deepEqual(sorted(sourcesOf), sourcesOf(whole).toSorted())
      assert.equal(shards.filter(({ host }) => host !== undefined).length, 1)
    }),
  )
})

void t.test('all sources of a pool are in one shard: its calls are joined of all', async () => {
  fc.assert(
    fc.property(setting, ({ count, ...rest }) => {
      const shards = every(count).map(shard => shardConfig(written(rest), shard))
      for (const pool of rest.called) {
        const having = shards.map(
          ({ calls }) => calls?.sources.filter(source => source.pool === pool).length ?? 0,
        )
        assert.deepEqual(having.filter(Boolean), [2])
      }
    }),
  )
})

void t.test('what else is in the file, and in what order, moves no server', async () => {
  fc.assert(
    fc.property(setting, pools, ({ count, ...rest }, more) => {
      const before = placesOf(written(rest), count)
      const merged = { ...more, ...rest.pools }
      const grown = Object.entries(merged)
        .toReversed()
        .map(([pool, servers]) => [pool, [...servers, `${pool}-new`].toReversed()] as const)
      const after = placesOf(written({ ...rest, pools: Object.fromEntries(grown) }), count)
      for (const [server, shard] of before) assert.equal(after.get(server), shard)
    }),
  )
})

void t.test('one shard more takes from the others, and moves nothing between them', async () => {
  fc.assert(
    fc.property(setting, ({ count, ...rest }) => {
      const before = placesOf(written(rest), count)
      for (const [server, shard] of placesOf(written(rest), count + 1)) {
        assert.ok(shard === count + 1 || shard === before.get(server))
      }
    }),
  )
})

void t.test('1/1 is everything, as it is without shards', async t => {
  const [pools, host, called] = [{ p: ['a', 'b'] }, ['p', 'a'] as [string, string], ['p']]
  const whole = written({ pools, host, called })
  t.equal(shardConfig(whole, { index: 1, count: 1 }), whole)
})

void t.test('shards are of about one size', async t => {
  for (const count of [2, 3, 10]) {
    const sizes = new Map<number, number>()
    for (let i = 0; i < 10_000; i++) {
      const shard = shardOf(`pool${i % 100}\0edge${i}`, count)
      sizes.set(shard, (sizes.get(shard) ?? 0) + 1)
    }
    t.equal(sizes.size, count)
    for (const size of sizes.values()) t.ok(Math.abs(size * count - 10_000) < 1000, `${size}`)
  }
})

/** As the paper's own code gives them. */
const PLACES = [
  [2, 2],
  [1, 1],
  [1, 3],
  [2, 4],
  [2, 4],
  [2, 2],
]

void t.test('where a server is must never change: a new version would move its series', async t => {
  const places = ['01', '02', '03', '04', '05', '06'].map(id => [
    shardOf(`edgepool1\0edge${id}`, 2),
    shardOf(`edgepool1\0edge${id}`, 5),
  ])
  t.strictSame(places, PLACES)
})

void t.test('/probe is allowed at every configured server, whoever reads it', async () => {
  fc.assert(
    fc.property(setting, ({ count, ...rest }) => {
      for (const shard of every(count)) {
        const allowed = allowProbe(shardConfig(written(rest), shard))
        assert.ok(!allowed('elsewhere.example'))
        for (const [pool, servers] of Object.entries(rest.pools)) {
          assert.ok(servers.every(server => allowed(`${server}.${pool}.example`)))
        }
      }
    }),
  )
})

void t.test(
  "each shard keeps its calls in a directory of its own; the first, in everyone's",
  async t => {
    const called = Array.from({ length: 20 }, (_, i) => `pool${i}`)
    const whole = written({ pools: { p: ['a'] }, host: ['p', 'a'], called })
    t.strictSame(
      every(3).map(shard => shardConfig(whole, shard).calls?.stateDirectory),
      ['/var/lib/edgeclock', '/var/lib/edgeclock/shard-2', '/var/lib/edgeclock/shard-3'],
    )
  },
)

void t.test("a shard's /config shows what it does, and is a configuration", async t => {
  const whole = written({ pools: { p: ['a', 'b'], q: ['c'] }, host: ['p', 'a'], called: ['p'] })
  for (const shard of every(9)) {
    const part = shardConfig(whole, shard)
    t.strictSame(serversOf(configOf(showConfig(part))), serversOf(part))
  }
})

void t.test('a shard may have nothing to do', async t => {
  const whole = written({ pools: { p: ['a'] }, host: ['p', 'a'], called: ['p'] })
  const works = every(50).map(shard => workOf(shardConfig(whole, shard)))
  t.strictSame(works[1] && Object.keys(works[1]), ['servers', 'host', 'call_sources'])
  t.ok(works.some(work => Object.values(work).every(amount => amount === 0)))
  t.equal(
    works.reduce((sum, { servers }) => sum + servers, 0),
    1,
  )
})

void t.test('a shard is written I/N, and nothing else is one', async t => {
  t.strictSame(parseShard('1/1'), { index: 1, count: 1 })
  t.strictSame(parseShard('2/3'), { index: 2, count: 3 })
  t.strictSame(parseShard('1000/1000'), { index: 1000, count: 1000 })
  for (const text of ['', '1', '0/2', '3/2', '1/0', '01/2', '1/2/3', ' 1/2', '1/1001', '-1/2']) {
    t.equal(parseShard(text), undefined, text)
  }
})
