import t from 'tap'
import { startKamailio } from '../peers/kamailio.js'
import { skipUnless } from '../peers/peer.js'
import { freeTcpPort, freeUdpPort } from '../peers/ports.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { sippCalls, startSippServer } from '../peers/sipp.js'
import { until } from '../peers/wait.js'
import { type RunningExporter, startExporter } from './exporter.js'
import { isEqual } from './traces.js'

const SKEWED = { sip_code: '429', diagnostic: '1020', cause: 'clock_skew' }

const listening = async (scope: Scope, transport: 'udp' | 'tcp') => {
  const port = await (transport === 'udp' ? freeUdpPort() : freeTcpPort())
  const exporter = await startExporter(scope, {
    reference: { servers: ['127.0.0.1:9'] },
    calls: {
      state_directory: await temporaryFolder(scope, 'state'),
      sources: [
        { kind: 'hep', pool: 'edgepool1', name: 'hep', listen: `127.0.0.1:${port}`, transport },
      ],
    },
  })
  await until(async () => (await exporter.metrics()).value('edgeclock_call_source_up') === 1, {
    what: 'the HEP source up',
  })
  return { exporter, hep: { address: '127.0.0.1', port, transport } }
}

const counted = async (exporter: RunningExporter) => {
  const metrics = await exporter.metrics()
  const failures = { pool: 'edgepool1', ...SKEWED }
  return {
    answered: metrics.value('edgeclock_um_calls_total', { outcome: 'answered' }),
    failed: metrics.value('edgeclock_um_calls_total', { outcome: 'failed' }),
    skewed: metrics.value('edgeclock_um_call_failures_total', failures),
    sip: metrics.value('edgeclock_sip_failures_total', failures),
    open: metrics.value('edgeclock_calls_open'),
  }
}

for (const transport of ['udp', 'tcp'] as const) {
  void t.test(
    `voicemail calls that kamailio reports over ${transport} are counted once, failed and answered`,
    async t => {
      if (skipUnless(t, 'kamailio', 'siptrace', 'sipp')) return
      const { exporter, hep } = await listening(t, transport)
      const [refusing, answering] = await Promise.all([
        startSippServer(t, { answer: 'referrer_skewed' }),
        startSippServer(t, { answer: 'ok' }),
      ])
      const toRefusing = await startKamailio(t, { next: refusing, hep })
      const toAnswering = await startKamailio(t, { next: answering, hep })
      await Promise.all([
        sippCalls(t, { to: toRefusing, calls: 12, answer: 'referrer_skewed', name: 'refused' }),
        sippCalls(t, { to: toAnswering, calls: 7, answer: 'ok', name: 'answered' }),
      ])
      const want = { answered: 7, failed: 12, skewed: 12, sip: 12, open: 0 }
      await until(async () => isEqual(await counted(exporter), want), {
        what: 'all calls counted',
        timeoutMs: 60_000,
      }).catch(() => undefined)
      t.same(await counted(exporter), want)
      const metrics = await exporter.metrics()
      t.equal(metrics.value('edgeclock_call_source_malformed_total'), 0)
      t.equal(metrics.value('edgeclock_call_source_dropped_total'), 0)
      t.ok((metrics.value('edgeclock_call_source_records_total') ?? 0) >= 12 * 7)
      t.notMatch(
        metrics.text.replace(/^#.*$/gm, ''),
        /sip:|@|contoso|refused-|answered-/,
        'no caller on /metrics',
      )
      t.notMatch(exporter.output(), /@|sip:/, 'no caller in the log')
    },
  )
}
