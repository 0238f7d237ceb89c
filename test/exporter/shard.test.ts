import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { shardOf } from '../../src/config/shard.js'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type RunningExporter, at, startExporter } from './exporter.js'
import { failure } from './failure.js'

const OFFSET = 'edgeclock_clock_offset_seconds'
const SHARDS = ['1/2', '2/2']

/** Of the names with this stem, the first that is as wanted. */
const nameWhere = (stem: string, wanted: (name: string) => boolean): string => {
  for (let i = 1; ; i++) if (wanted(`${stem}${i}`)) return `${stem}${i}`
}

const serversOf = async (exporter: RunningExporter): Promise<string[]> =>
  (await exporter.metrics()).all(OFFSET).map(({ labels }) => String(labels['server']))

const showing = (shards: readonly RunningExporter[], servers: readonly string[]) =>
  until(
    async () => {
      const all = await Promise.all(shards.map(serversOf))
      return all.flat().length === servers.length ? all : undefined
    },
    { what: `all of ${servers.join(', ')} to be read`, timeoutMs: 30_000 },
  )

const honest = () => startNtpServer(t, request => honestReply(request))

void t.test('two shards of one configuration read every server once, reloaded too', async t => {
  const [reference, watched] = await Promise.all([honest(), honest()])
  const configOf = (servers: readonly string[]) => ({
    reference: { servers: [at(reference)], interval: '1s', timeout: '900ms' },
    modules: { quick: { prober: 'ntp', timeout: '900ms' } },
    pools: [
      {
        name: 'edgepool1',
        interval: '1s',
        modules: ['quick'],
        servers: servers.map(name => ({ name, address: at(watched) })),
      },
    ],
  })
  const some = ['edge01', 'edge02', 'edge03', 'edge04', 'edge05']
  const shards = await Promise.all(
    SHARDS.map(shard => startExporter(t, configOf(some), { args: [`--shard=${shard}`] })),
  )
  const before = await showing(shards, some)
  t.strictSame(before.flat().toSorted(), some)
  for (const [i, shard] of shards.entries()) {
    const own = before[i] ?? []
    t.ok(own.length > 0 && own.length < some.length)
    t.match(shard.output(), `shard=${SHARDS[i]} servers=${own.length} host=0 call_sources=0`)
    const groups = (await (await shard.get('/sd')).json()) as { labels: { server: string } }[]
    t.strictSame(
      groups.map(({ labels }) => labels.server),
      own.toSorted(),
    )
  }

  const more = ['edge06', ...some, 'edge07', 'edge08']
  for (const shard of shards) {
    await shard.writeConfig(configOf(more))
    t.equal((await shard.get('/-/reload', { method: 'POST' })).status, 200)
  }
  const after = await showing(shards, more)
  t.strictSame(after.flat().toSorted(), more.toSorted())
  for (const [i, own] of before.entries()) {
    t.ok(own.every(server => after[i]?.includes(server)))
  }
})

void t.test("a shard may probe another one's server", async t => {
  const [reference, watched] = await Promise.all([honest(), honest()])
  const server = nameWhere('edge', name => shardOf(`p\0${name}`, 2) === 2)
  const config = {
    reference: { servers: [at(reference)], interval: '1s', timeout: '900ms' },
    pools: [{ name: 'p', interval: '15s', servers: [{ name: server, address: at(watched) }] }],
  }
  const first = await startExporter(t, config, { args: ['--shard=1/2'] })
  t.match(first.output(), 'this shard has nothing to do')
  t.strictSame(await (await first.get('/sd')).json(), [])
  await until(
    async () =>
      /^probe_success 1$/m.test(await (await first.get(`/probe?target=${at(watched)}`)).text()),
    { what: 'the probe to succeed' },
  )
})

void t.test(
  "a pool's calls are counted in one shard, under the names of all its servers",
  async t => {
    const folder = await temporaryFolder(t, 'shards')
    const server = 'Fe1'
    // Its clock is read by the other shard, and its traces write it FE1.
    const pools = [1, 2].map(shard =>
      nameWhere(
        'pool',
        pool => shardOf(pool, 2) === shard && shardOf(`${pool}\0${server}`, 2) !== shard,
      ),
    )
    const sources = pools.map(pool => ({ kind: 'trace', pool, path: join(folder, pool, '*.log') }))
    for (const [i, pool] of pools.entries()) {
      await mkdir(join(folder, pool))
      await writeFile(
        join(folder, pool, 'fe1.log'),
        Array.from({ length: i + 1 }, failure).join(''),
      )
    }
    // Its clock may be read by either shard; the traces write it FE1.
    const servers = [{ name: 'Fe1', address: '127.0.0.1:9' }]
    const config = {
      reference: { servers: ['127.0.0.1:9'] },
      pools: pools.map(name => ({ name, servers })),
      calls: { state_directory: join(folder, 'state'), settle_after: '1s', sources },
    }
    const shards = await Promise.all(
      SHARDS.map(shard => startExporter(t, config, { args: [`--shard=${shard}`] })),
    )
    const counted = async (shard: RunningExporter) =>
      (await shard.metrics())
        .all('edgeclock_sip_failures_total')
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => ({ pool: labels['pool'], server: labels['server'], value }))
    for (const [i, shard] of shards.entries()) {
      const own = await until(
        async () => {
          const found = await counted(shard)
          return found[0]?.value === i + 1 ? found : undefined
        },
        { what: `the failures of ${pools[i]}`, timeoutMs: 30_000 },
      )
      t.strictSame(own, [{ pool: pools[i], server, value: i + 1 }])
    }
  },
)
