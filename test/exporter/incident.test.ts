import t from 'tap'
import { startChronyd } from '../peers/chronyd.js'
import { steppingClock } from '../peers/faketime.js'
import { skipUnless } from '../peers/peer.js'
import { promtool, startPrometheus } from '../peers/prometheus.js'
import { startUdpProxy } from '../peers/udp-proxy.js'
import { until } from '../peers/wait.js'
import { type Metrics, at, poolOf, startExporter } from './exporter.js'

const OFF = -21_600

const clockOf = (metrics: Metrics, server: string) => {
  const labels = { pool: 'edgepool1', server }
  const offset = metrics.value('edgeclock_clock_offset_seconds', labels)
  const error = metrics.value('edgeclock_clock_offset_error_seconds', labels)
  return offset === undefined || error === undefined ? undefined : { offset, error }
}

/** All peers' clocks are this machine's clock, shifted by a known amount: that is the truth. */
const holds = (clock: { offset: number; error: number } | undefined, truth: number): boolean =>
  clock !== undefined && Math.abs(clock.offset - truth) <= clock.error

void t.test(
  'a pool with one server six hours behind, against a liar among the references',
  async t => {
    if (skipUnless(t, 'chronyd', 'libfaketime', 'prometheus', 'promtool')) return
    const [ref1, ref2, liar, edge01, edge02] = await Promise.all([
      startChronyd(t),
      startChronyd(t, { address: '::1' }),
      startChronyd(t, { offset: '+1h' }),
      startChronyd(t),
      startChronyd(t, { offset: '-6h' }),
    ])
    const exporter = await startExporter(t, poolOf([ref1, ref2, liar], { edge01, edge02 }))
    const prometheus = await startPrometheus(t, {
      scrape: [
        { job: 'edgeclock', target: exporter.address },
        {
          job: 'probe',
          target: exporter.address,
          metricsPath: '/probe',
          params: { target: [at(edge02)], module: ['ntp'] },
        },
      ],
    })

    const metrics = await until(
      async () => {
        const page = await exporter.metrics()
        const witnessed = page.value('edgeclock_reference_witness_agrees') !== undefined
        return witnessed && clockOf(page, 'edge01') && clockOf(page, 'edge02') ? page : undefined
      },
      { what: 'both clocks and the witness on /metrics' },
    )
    const [right, wrong] = [clockOf(metrics, 'edge01'), clockOf(metrics, 'edge02')]
    t.ok(holds(right, 0), `edge01: ${JSON.stringify(right)}`)
    t.ok(holds(wrong, OFF), `edge02: ${JSON.stringify(wrong)}`)
    t.ok((wrong?.error ?? 1) < 0.005, `edge02's error: ${wrong?.error}`)
    t.equal(metrics.value('edgeclock_reference_synchronized'), 1)
    t.equal(metrics.value('edgeclock_reference_agreeing_servers'), 2)
    t.equal(metrics.value('edgeclock_reference_witness_agrees'), 1)
    const falseticker = (server: string) =>
      metrics.value('edgeclock_reference_server_falseticker', { server })
    t.equal(falseticker(at(liar)), 1)
    t.equal(falseticker(at(ref1)), 0)
    t.equal(falseticker(at(ref2)), 0, 'over IPv6')
    const lie = metrics.value('edgeclock_reference_server_offset_seconds', { server: at(liar) })
    t.ok(Math.abs((lie ?? 0) - 3600) < 0.01)
    t.ok(
      Math.abs(metrics.value('edgeclock_host_clock_offset_seconds') ?? 1) <=
        (metrics.value('edgeclock_host_clock_offset_error_seconds') ?? 0),
    )
    t.equal(
      metrics.value('edgeclock_ntp_synchronized', { server: 'edge02' }),
      1,
      'it looks healthy',
    )
    t.equal(metrics.value('edgeclock_ntp_stratum', { server: 'edge02' }), 3)

    const scraped = await until(
      async () => {
        const found = await prometheus.query('edgeclock_clock_offset_seconds{server="edge02"}')
        const probed = await prometheus.query('probe_clock_offset_seconds')
        return found[0] && probed[0] ? { found: found[0], probed: probed[0] } : undefined
      },
      { what: 'Prometheus to have scraped', timeoutMs: 30_000 },
    )
    t.ok(Math.abs(scraped.found.value - OFF) < 0.01)
    t.ok(Math.abs(scraped.probed.value - OFF) < 0.01)
    t.match(await prometheus.query('up{job="edgeclock"}'), [{ value: 1 }])

    const checked = await promtool(['check', 'metrics'], metrics.text)
    t.same(checked, { code: 0, stdout: '', stderr: '' }, 'promtool has nothing to say')
  },
)

void t.test('a live step of a watched server is told within one interval', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [reference, edge01, edge02] = await Promise.all([
    startChronyd(t),
    startChronyd(t),
    startChronyd(t, { steppable: true }),
  ])
  const exporter = await startExporter(t, poolOf([reference], { edge01, edge02 }))
  await until(async () => holds(clockOf(await exporter.metrics(), 'edge02'), 0), {
    what: 'edge02 to be read as right',
  })
  const before = await exporter.metrics()
  const readAt = before.value('edgeclock_clock_last_reading_timestamp_seconds', {
    server: 'edge02',
  })
  await edge02.step('-6h')
  const after = await until(
    async () => {
      const page = await exporter.metrics()
      return holds(clockOf(page, 'edge02'), OFF) ? page : undefined
    },
    { what: 'the step on /metrics' },
  )
  const labels = { pool: 'edgepool1', server: 'edge02' }
  t.equal(after.value('edgeclock_clock_steps_total', labels), 1)
  t.ok(Math.abs((after.value('edgeclock_clock_last_step_seconds', labels) ?? 0) - OFF) < 0.02)
  const tookSeconds =
    (after.value('edgeclock_clock_last_reading_timestamp_seconds', labels) ?? 0) - (readAt ?? 0)
  // The reading before may itself be almost an interval old, and a test machine may be busy.
  t.ok(tookSeconds < 4, `seen ${tookSeconds} s after the last right reading`)
  t.equal(after.value('edgeclock_clock_steps_total', { server: 'edge01' }), 0)
  t.ok(holds(clockOf(after, 'edge01'), 0))
})

void t.test('a live step of our own wall clock moves no offset', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [reference, edge01, edge02] = await Promise.all([
    startChronyd(t),
    startChronyd(t),
    startChronyd(t, { offset: '-6h' }),
  ])
  const ours = await steppingClock(t, '+0')
  const exporter = await startExporter(t, poolOf([reference], { edge01, edge02 }), {
    env: ours.env,
  })
  const bothTrue = (page: Metrics) =>
    holds(clockOf(page, 'edge01'), 0) && holds(clockOf(page, 'edge02'), OFF)
  await until(async () => bothTrue(await exporter.metrics()), { what: 'both clocks' })
  const moved: unknown[] = []
  for (const [to, seconds, steps] of [
    ['+400d', 400 * 86_400, 1],
    ['-6h', OFF, 2],
  ] as const) {
    await ours.step(to)
    const stepped = await until(
      async () => {
        const page = await exporter.metrics()
        if (!bothTrue(page)) moved.push(clockOf(page, 'edge01'), clockOf(page, 'edge02'))
        return page.value('edgeclock_host_clock_steps_total') === steps ? page : undefined
      },
      { what: 'our own step to be counted' },
    )
    const host = stepped.value('edgeclock_host_clock_offset_seconds') ?? 0
    t.ok(Math.abs(host - seconds) < 0.05, `our own clock is off by ${host} s`)
    t.ok(bothTrue(stepped))
    t.equal(stepped.value('edgeclock_clock_steps_total', { server: 'edge01' }), 0)
  }
  t.same(moved, [], 'told in every scrape meanwhile, and true in every one')
})

void t.test('through 150 ms out and 50 ms back the interval still holds the truth', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [reference, edge02] = await Promise.all([
    startChronyd(t),
    startChronyd(t, { offset: '-6h' }),
  ])
  const far = await startUdpProxy(t, { to: edge02, outMs: 150, backMs: 50 })
  const farReference = await startUdpProxy(t, { to: reference, outMs: 50, backMs: 150 })
  const exporter = await startExporter(t, poolOf([farReference], { edge02: far }))
  for (let i = 0; i < 5; i++) {
    const clock = await until(async () => clockOf(await exporter.metrics(), 'edge02'), {
      what: 'edge02 to be read',
    })
    t.ok(holds(clock, OFF), JSON.stringify(clock))
    t.ok(clock.error > 0.19, 'both ways are in the error')
    // Asymmetry of 100 ms one way and of 100 ms the other: the middle is off by as much.
    t.ok(Math.abs(clock.offset - OFF) > 0.05)
  }
})
