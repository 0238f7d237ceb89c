import { Registry } from 'prom-client'
import t from 'tap'
import type { HostSnapshot, Snapshot } from '../../src/clockside/snapshot.js'
import { Host } from '../../src/host/host.js'
import { readWindows } from '../../src/host/windows.js'
import { exposition } from '../../src/metrics/exposition.js'
import { putTimeServices } from '../../src/metrics/samples.js'
import { nodeClock, nodeTimers } from '../../src/net/node-platform.js'
import { seconds } from '../../src/time/units.js'
import { installFakeTools, showFixture } from '../host/fake-windows-tools.js'
import { until } from '../peers/wait.js'
import {
  type Situation,
  type W32TimeFixture,
  fixtureClock,
  fixtureNow,
  w32timeFixtures,
} from '../protocol/w32time-fixtures.js'

const HOURS = 3600
const right: HostSnapshot = { steps: 0, suspends: 0, offset: { offset: 0, error: 0.01 } }
const snapshotOf = (host: HostSnapshot): Snapshot => ({
  reference: { synchronized: true, agreeing: 3, servers: [] },
  host,
  servers: [],
})

const scrape = async (host: Host, clock: HostSnapshot): Promise<Map<string, number>> => {
  const text = await exposition(
    put => putTimeServices(put, snapshotOf(clock), host.report(clock.offset)),
    Registry.PROMETHEUS_CONTENT_TYPE,
  ).metrics()
  const samples = [...text.matchAll(/^edgeclock_(\w+)\{pool="p",server="edge02",?(.*)\} (\S+)$/gm)]
  return new Map(samples.map(([, name, more, value]) => [`${name} ${more}`.trim(), Number(value)]))
}

/** A machine whose tools answer as the fixture has it; one round of them, then a scrape. */
const setUp = async (t: { testdir: () => string; teardown: (end: () => void) => void }) => {
  const tools = await installFakeTools(t.testdir())
  const boot = async (fixture: W32TimeFixture, bootedAt: number) => {
    await showFixture(tools, fixture, 'utf16le')
    const host = new Host({
      platform: { clock: nodeClock, timers: nodeTimers },
      log: () => undefined,
      read: readWindows({ program: tools.program, clock: () => fixtureClock }),
      boot: wall => ({ byWall: bootedAt + (wall?.offset ?? 0), truly: bootedAt }),
    })
    t.teardown(() => host.stop())
    host.apply({ pool: 'p', name: 'edge02', interval: seconds(3600) })
    await until(() => (host.report(undefined)?.tools.length ?? 0) > 0, { what: 'one round' })
    return host
  }
  return { tools, boot }
}

const english = (situation: Situation): W32TimeFixture => {
  const found = w32timeFixtures.find(
    one => one.language === 'english' && one.situation === situation,
  )
  if (!found) throw new Error(`no fixture for ${situation}`)
  return found
}

void t.test('a reboot, after which W32Time does not come back and the clock is behind', async t => {
  const { tools, boot } = await setUp(t)
  const before = await scrape(
    await boot(
      {
        ...english('synchronised'),
        reg: english('trigger start on a workgroup host').reg,
      },
      fixtureNow - 30 * 24 * HOURS,
    ),
    right,
  )
  t.equal(before.get('ntp_service_running'), 1)
  t.equal(before.get('ntp_synchronized_since_boot'), 1)
  t.equal(before.get('ntp_service_survives_reboot'), 0, 'known before it happens')
  const asked = (await tools.runs()).length
  const restarted = await boot(english('service stopped'), fixtureNow - 60)
  const after = await scrape(restarted, {
    ...right,
    offset: { offset: -6 * HOURS, error: 0.01 },
  })
  t.equal((await tools.runs()).length, 2 * asked, 'one round tells it all')
  t.equal(after.get('ntp_service_running'), 0)
  t.equal(after.get('ntp_synchronized_since_boot'), 0)
  t.equal(after.get('server_boot_timestamp_seconds'), fixtureNow - 60)
  t.equal(after.get('ntp_correction_possible'), 1, 'six hours are less than fifteen')
  t.equal(after.get('ntp_synchronized'), undefined, 'a stopped service says nothing')
  t.equal(after.get('ntp_source_readable tool="w32tm",reason=""'), 1)
})

/** In this order; `-` where there is no such series. */
const SERIES = [
  'ntp_service_running',
  'ntp_service_survives_reboot',
  'ntp_synchronized',
  'ntp_synchronized_since_boot',
  'ntp_source_hypervisor',
  'ntp_last_sync_error',
] as const

/** Of a stopped service only what the system knows; that it was never started since boot is in `sc`'s answer. */
const EXPECTED: Readonly<Record<Situation, readonly string[]>> = {
  synchronised: ['1 1 1 1 0 0'],
  'local CMOS clock after a reboot': ['1 1 0 0 0 1'],
  'VM IC provider': ['1 1 1 1 1 0'],
  'service stopped': ['0 0 - - - -', '0 0 - 0 - -'],
  'trigger start on a workgroup host': ['0 0 - - - -', '0 0 - 0 - -'],
  'change too big after a success': ['1 1 0 1 0 3', '1 1 1 1 0 3'],
  'change too big after a reboot': ['1 1 0 0 0 3'],
}

/** What a fixture's own facts say, in that order. */
const expectedOf = ({ expect }: W32TimeFixture): string => {
  const { kind } = expect.source ?? {}
  const facts = [
    expect.running,
    expect.survivesReboot,
    expect.synchronized,
    expect.synchronizedSinceBoot,
    kind && kind === 'hypervisor',
    expect.lastSyncError,
  ]
  return facts.map(fact => (fact === undefined ? '-' : Number(fact))).join(' ')
}

void t.test('each situation gives its series, in each language the same', async t => {
  const { boot } = await setUp(t)
  const told = new Map<Situation, Set<string>>()
  for (const fixture of w32timeFixtures) {
    const host = await boot(fixture, fixtureNow - 30 * 24 * HOURS)
    const samples = await scrape(host, right)
    host.stop()
    const values = SERIES.map(name => samples.get(name) ?? '-').join(' ')
    t.equal(values, expectedOf(fixture), `${fixture.language}, ${fixture.situation}`)
    told.set(fixture.situation, (told.get(fixture.situation) ?? new Set()).add(values))
  }
  const sorted = [...told].map(([situation, values]) => [situation, [...values].sort()])
  t.same(Object.fromEntries(sorted), EXPECTED)
})

void t.test('a clock that W32Time will never repair is told as such', async t => {
  const { boot } = await setUp(t)
  const host = await boot(english('change too big after a reboot'), fixtureNow - 60)
  const off = { ...right, offset: { offset: -60_000, error: 0.01 } }
  const samples = await scrape(host, off)
  t.equal(samples.get('ntp_max_correction_seconds'), 1800)
  t.equal(samples.get('ntp_correction_possible'), 0)
  t.equal(samples.get('ntp_last_sync_error'), 3)
  t.equal(samples.get('ntp_synchronized_since_boot'), 0)
})
