import { Registry } from 'prom-client'
import t from 'tap'
import type { Offset, Snapshot } from '../../src/clockside/snapshot.js'
import type { HostReport } from '../../src/host/report.js'
import { exposition } from '../../src/metrics/exposition.js'
import { putTimeServices } from '../../src/metrics/samples.js'
import { putTimeService } from '../../src/metrics/time-service.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'

const LABELS = { pool: 'p', server: 's' }

/** The samples without their pool, server and common beginning, as `name{…} value`. */
const samplesOf = async (fill: Parameters<typeof exposition>[0]): Promise<string[]> => {
  const text = await exposition(fill, Registry.PROMETHEUS_CONTENT_TYPE).metrics()
  return text
    .split('\n')
    .filter(line => /^edgeclock_(ntp|server)_/.test(line))
    .map(line =>
      line
        .replace('edgeclock_', '')
        .replace(/pool="p",server="s",?/, '')
        .replace('{}', ''),
    )
}

const told = (facts: TimeServiceFacts, offset?: Offset): Promise<string[]> =>
  samplesOf(put => putTimeService(put, LABELS, facts, offset))

void t.test('what is not known is absent, not 0', async t => {
  t.same(await told({}), [])
  t.same(await told({ source: {} }), [])
  t.same(await told({ source: { configured: 'ntp1' } }), [
    'ntp_source_info{source="",configured="ntp1"} 1',
  ])
})

void t.test('each fact is one series', async t => {
  const facts: Required<TimeServiceFacts> = {
    running: false,
    survivesReboot: false,
    synchronized: false,
    synchronizedSinceBoot: false,
    leap: 3,
    stratum: 0,
    lastSyncTimestamp: 1_700_000_000,
    lastSyncError: 3,
    correctionLimits: { ahead: 54_000, back: 3600 },
    source: { actual: 'Local CMOS Clock', kind: 'own', configured: 'ntp1 ntp2' },
    bootTimestamp: 1_800_000_000,
  }
  t.same((await told(facts, { offset: -60_000, error: 1 })).sort(), [
    'ntp_correction_possible 0',
    'ntp_last_sync_error 3',
    'ntp_last_sync_timestamp_seconds 1700000000',
    'ntp_leap_indicator 3',
    'ntp_max_correction_seconds 3600',
    'ntp_service_running 0',
    'ntp_service_survives_reboot 0',
    'ntp_source_hypervisor 0',
    'ntp_source_info{source="Local CMOS Clock",configured="ntp1 ntp2"} 1',
    'ntp_stratum 0',
    'ntp_synchronized 0',
    'ntp_synchronized_since_boot 0',
    'server_boot_timestamp_seconds 1800000000',
  ])
})

void t.test(
  'without a limit any offset is corrected; without an offset nobody can say',
  async t => {
    const facts = { correctionLimits: { ahead: Infinity, back: Infinity } }
    t.same(await told(facts), ['ntp_max_correction_seconds +Inf'])
    t.same(await told(facts, { offset: 1e9, error: 1 }), [
      'ntp_max_correction_seconds +Inf',
      'ntp_correction_possible 1',
    ])
  },
)

void t.test('the hypervisor is flagged', async t => {
  const source = { actual: 'VM IC Time Synchronization Provider', kind: 'hypervisor' } as const
  t.ok((await told({ source })).includes('ntp_source_hypervisor 1'))
})

const watched = (server: string, service: TimeServiceFacts): Snapshot['servers'][number] => ({
  pool: 'p',
  server,
  address: '192.0.2.1',
  contradictions: 0,
  steps: 0,
  service,
  offset: { offset: 0, error: 1 },
  modules: [],
})

void t.test("this machine's own tools go before what is read of it from outside", async t => {
  const snapshot: Snapshot = {
    reference: { synchronized: true, agreeing: 3, servers: [] },
    host: { steps: 0, suspends: 0, offset: { offset: -100_000, error: 1 } },
    servers: [
      watched('s', { leap: 0, stratum: 3, synchronized: true }),
      watched('other', { leap: 0 }),
    ],
  }
  const host: HostReport = {
    pool: 'p',
    server: 's',
    found: true,
    facts: { synchronized: false, correctionLimits: { ahead: 54_000, back: 54_000 } },
    tools: [
      { tool: 'sc', ok: true },
      { tool: 'w32tm', ok: false, reason: 'timeout', detail: 'late' },
    ],
  }
  t.same(await samplesOf(put => putTimeServices(put, snapshot, host)), [
    'ntp_leap_indicator{pool="p",server="other"} 0',
    'ntp_leap_indicator 0',
    'ntp_synchronized 0',
    'ntp_stratum 3',
    'ntp_max_correction_seconds 54000',
    'ntp_correction_possible 0',
    'ntp_service_found 1',
    'ntp_source_readable{tool="sc",reason=""} 1',
    'ntp_source_readable{tool="w32tm",reason="timeout"} 0',
  ])
  const alone = await samplesOf(put => putTimeServices(put, undefined, host))
  t.ok(alone.includes('ntp_synchronized 0'), 'also while the clock thread is silent')
  t.notOk(alone.some(line => line.includes('correction_possible')))
})

void t.test('a simulated service corrects the simulated clock, not ours', async t => {
  const snapshot: Snapshot = {
    reference: { synchronized: true, agreeing: 3, servers: [] },
    host: { steps: 0, suspends: 0, offset: { offset: 0, error: 1 } },
    servers: [],
  }
  const possible = async (simulated?: HostReport['simulated']) => {
    const facts = { correctionLimits: { ahead: 54_000, back: 54_000 } }
    const host = { pool: 'p', server: 's', facts, tools: [], ...(simulated && { simulated }) }
    const samples = await samplesOf(put => putTimeServices(put, snapshot, host))
    return samples.filter(line => line.includes('correction_possible'))
  }
  t.same(await possible(), ['ntp_correction_possible 1'])
  t.same(await possible({ offset: { offset: -60_000, error: 1 } }), ['ntp_correction_possible 0'])
  t.same(await possible({}), [], 'while it is down')
})
