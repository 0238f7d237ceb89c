import t from 'tap'
import { skipUnless } from '../peers/peer.js'
import { type World, problemsOf } from './worlds.js'

const FAR = 'edge-pools.json / Off by more than 60 s / A'
const OFF = 'edge-pools.json / Off by more than 5 s / A'
const UNREADABLE = 'edge-pools.json / Not readable / A'
const KNOWN = 'edge-pools.json / Clocks that are known / A'
const STATE = 'edge-pools.json / State of each clock / A'
const FIRING = 'edge-pools.json / Alerts that fire / A'
const HEADROOM = 'edge-pools.json / Headroom to the 300 s of Kerberos / A'
const APART = 'edge-pools.json / How far the clocks of a pool surely disagree / A'
const LOST = 'edge-pools.json / Voicemail calls lost to a clock / A'
const BY_CAUSE = 'um-calls.json / Failed voicemail calls, by cause / A'
const SURELY = 'server.json / Surely off by / A'
const OFFSET = 'server.json / Offset / A'
const UNTIL = 'server.json / Until it is 5 s off at this drift / A'
const HEALTH = 'exporter.json / Health / A'
const MEMORY = 'exporter.json / Memory / A'

/** What says nothing where there is nothing. */
const NEEDS_SERIES = [
  FAR,
  OFF,
  UNREADABLE,
  KNOWN,
  STATE,
  FIRING,
  SURELY,
  UNTIL,
  LOST,
  BY_CAUSE,
  HEALTH,
]

const A = 'job="edgeclock", instance="a:1"'
const B = 'job="edgeclock", instance="b:1"'
const EDGE = 'pool="p", server="e"'
const E = `{${EDGE}}`
/** For an hour. */
const steady = (value: number) => `${value}x240`

const clock = (exporter: string, offset: number, server = EDGE) => ({
  [`edgeclock_probe_success{${exporter}, ${server}, module="ntp"}`]: steady(1),
  [`edgeclock_clock_offset_seconds{${exporter}, ${server}}`]: steady(offset),
  [`edgeclock_clock_offset_error_seconds{${exporter}, ${server}}`]: steady(0.5),
})
const drifting = (offset: number, drift: number) => ({
  ...clock(A, offset),
  [`edgeclock_clock_drift_ratio{${A}, ${EDGE}}`]: steady(drift),
})
const rules = { [`instance:edgeclock_host_clock_offset_seconds:beyond_error{${A}}`]: steady(-1) }
const failures = (cause: string) =>
  `edgeclock_um_call_failures_total{${A}, pool="p", cause="${cause}", sip_code="429", diagnostic="1020"}`
const poolOpen = `edgeclock_calls_open{${A}, pool="p"}`
const calls = {
  [poolOpen]: steady(0),
  [`edgeclock_call_source_up{${A}, source="s"}`]: steady(1),
}

const clocks: readonly World[] = [
  {
    name: 'healthy',
    series: { ...clock(A, 0.25), ...rules },
    shown: {
      [FAR]: { '{}': 0 },
      [OFF]: { '{}': 0 },
      [UNREADABLE]: { '{}': 0 },
      [KNOWN]: { '{}': 1 },
      [STATE]: { [E]: 0 },
      [FIRING]: { '{}': 0 },
      [SURELY]: { [E]: 0 },
      [HEADROOM]: { [E]: 299.25 },
    },
  },
  {
    name: 'six hours behind, and an alert fires',
    series: {
      ...clock(A, -21_600),
      ...rules,
      [`ALERTS{alertname="EdgeclockClockFarOff", alertstate="firing", ${A}, ${EDGE}}`]: steady(1),
    },
    shown: {
      [FAR]: { '{}': 1 },
      [OFF]: { '{}': 1 },
      [STATE]: { [E]: 2 },
      [FIRING]: { '{}': 1 },
      [SURELY]: { [E]: 21_599.5 },
      [HEADROOM]: { [E]: 0 },
    },
  },
  {
    name: 'off by what the error nearly covers',
    series: clock(A, 5.25),
    shown: { [OFF]: { '{}': 0 }, [STATE]: { [E]: 0 }, [SURELY]: { [E]: 4.75 } },
  },
  {
    name: 'unreadable, and its offset is too old to be told',
    series: { [`edgeclock_probe_success{${A}, ${EDGE}, module="ntp"}`]: steady(0) },
    shown: { [STATE]: { [E]: -2 }, [UNREADABLE]: { '{}': 1 }, [KNOWN]: {}, [FAR]: {} },
  },
  {
    name: 'the reference is lost',
    series: {
      [`edgeclock_probe_success{${A}, ${EDGE}, module="ntp"}`]: steady(1),
      [`edgeclock_reference_synchronized{${A}}`]: steady(0),
    },
    shown: { [STATE]: { [E]: -1 }, [UNREADABLE]: { '{}': 0 }, [KNOWN]: {}, [OFF]: {} },
  },
  {
    name: 'a server that watches itself',
    series: {
      [`edgeclock_ntp_source_readable{${A}, ${EDGE}, tool="chronyc"}`]: steady(1),
      [`edgeclock_host_clock_offset_seconds{${A}}`]: steady(-90),
      [`edgeclock_host_clock_offset_error_seconds{${A}}`]: steady(0.5),
    },
    shown: { [STATE]: { [E]: 2 }, [SURELY]: { [E]: 89.5 }, [OFFSET]: { [E]: -90 } },
  },
  {
    name: 'a server that watches itself, without its reference',
    series: { [`edgeclock_ntp_source_readable{${A}, ${EDGE}, tool="chronyc"}`]: steady(1) },
    shown: { [STATE]: { [E]: -1 }, [KNOWN]: {}, [FAR]: {} },
  },
  {
    name: 'two exporters disagree: the one that pages is not averaged away',
    series: { ...clock(A, 100), ...clock(B, 0) },
    shown: {
      [FAR]: { '{}': 1 },
      [STATE]: { [E]: 2 },
      [SURELY]: { [E]: 99.5 },
      [HEADROOM]: { [E]: 199.5 },
      [OFFSET]: { [E]: 50 },
      [APART]: { '{pool="p"}': 99 },
      [KNOWN]: { '{}': 1 },
    },
  },
  {
    name: 'each exporter has its share of a pool',
    series: { ...clock(A, -4), ...clock(B, 4, 'pool="p", server="f"') },
    shown: { [APART]: { '{pool="p"}': 7 } },
  },
  {
    name: 'nothing at all',
    series: { up: steady(1) },
    shown: Object.fromEntries(NEEDS_SERIES.map(query => [query, {}])),
  },
  {
    name: 'a drift away from zero',
    series: drifting(3, 0.5),
    shown: { [UNTIL]: { [E]: 4 } },
  },
  {
    name: 'a drift toward zero, which has to be crossed first',
    series: drifting(3, -0.5),
    shown: { [UNTIL]: { [E]: 16 } },
  },
  {
    name: 'a clock that is behind drifts on',
    series: drifting(-3, -0.5),
    shown: { [UNTIL]: { [E]: 4 } },
  },
  { name: 'no drift', series: drifting(3, 0), shown: { [UNTIL]: {} } },
]

const others: readonly World[] = [
  {
    name: 'no failure yet',
    series: calls,
    shown: { [LOST]: { '{}': 0 }, [BY_CAUSE]: {} },
  },
  {
    name: 'the first failures make their series',
    series: { ...calls, [failures('clock_skew')]: '_x55 2x240' },
    shown: { [LOST]: { '{}': 2 }, [BY_CAUSE]: { '{cause="clock_skew"}': 2 } },
  },
  {
    name: 'and with an exporter that is younger than what is shown',
    series: {
      [poolOpen]: '_x40 0x240',
      [failures('clock_skew')]: '_x55 2x240',
    },
    shown: { [LOST]: { '{}': 2 }, [BY_CAUSE]: { '{cause="clock_skew"}': 2 } },
  },
  {
    name: 'old counts appear when a pool’s sources have been read, and are no failures of now',
    series: {
      [`edgeclock_call_thread_up{${A}}`]: steady(1),
      [poolOpen]: '_x55 0x240',
      [failures('clock_skew')]: '_x55 1000x240',
    },
    shown: { [LOST]: { '{}': 0 }, [BY_CAUSE]: { '{cause="clock_skew"}': 0 } },
  },
  {
    name: 'old counts are not new ones',
    series: { ...calls, [failures('clock_skew')]: steady(1000) },
    shown: { [LOST]: { '{}': 0 }, [BY_CAUSE]: { '{cause="clock_skew"}': 0 } },
  },
  {
    name: 'a database with other programs in it, and an exporter that died',
    series: {
      'up{job="node", instance="n:9100"}': steady(1),
      'process_resident_memory_bytes{job="node", instance="n:9100"}': steady(1),
      [`up{${A}}`]: steady(0),
      [`edgeclock_build_info{${A}, version="1", node_version="v20"}`]: '1x9 stale',
      [`up{${B}}`]: steady(1),
      [`edgeclock_build_info{${B}, version="1", node_version="v20"}`]: steady(1),
      [`process_resident_memory_bytes{${B}}`]: steady(7),
    },
    shown: {
      [HEALTH]: { [`up{${A}}`]: 0, [`up{${B}}`]: 1 },
      [MEMORY]: { [`process_resident_memory_bytes{${B}}`]: 7 },
    },
  },
]

void t.test('what is known of clocks is shown as it is', async t => {
  if (skipUnless(t, 'promtool')) return
  t.equal(await problemsOf(t, clocks), '')
})

void t.test('what is known of calls and exporters is shown as it is', async t => {
  if (skipUnless(t, 'promtool')) return
  t.equal(await problemsOf(t, others), '')
})
