import t from 'tap'
import { poolOf, startExporter } from '../exporter/exporter.js'
import { startChronyd } from '../peers/chronyd.js'
import { skipUnless } from '../peers/peer.js'
import { startPrometheus } from '../peers/prometheus.js'
import { until } from '../peers/wait.js'

/** Servers enough for each of two shards to have some, whatever the hash. */
const NAMES = ['edge01', 'edge02', 'edge03', 'edge04', 'edge05', 'edge06', 'edge07', 'edge08']

void t.test('of two shards that Prometheus scrapes, each server is in exactly one', async t => {
  if (skipUnless(t, 'chronyd', 'prometheus')) return
  const [reference, watched] = await Promise.all([startChronyd(t), startChronyd(t)])
  const servers = Object.fromEntries(NAMES.map(name => [name, watched]))
  const shards = await Promise.all(
    [1, 2].map(i => startExporter(t, poolOf([reference], servers), { args: [`--shard=${i}/2`] })),
  )
  const { query } = await startPrometheus(t, {
    scrape: shards.map(({ address }, i) => ({ job: `shard-${i + 1}`, target: address })),
  })
  const found = await until(
    async () => {
      const all = await query('edgeclock_clock_offset_seconds{pool="edgepool1"}')
      return all.length >= NAMES.length && all
    },
    { what: 'as many clocks as there are servers', timeoutMs: 60_000 },
  )
  t.same(found.map(({ metric }) => metric['server'] ?? '').sort(), NAMES)
  const jobs = new Set(found.map(({ metric }) => metric['job'] ?? ''))
  t.same([...jobs].sort(), ['shard-1', 'shard-2'], 'and each shard has some')
  t.equal((await query('count(edgeclock_probe_success)'))[0]?.value, NAMES.length)
})
