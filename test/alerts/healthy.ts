import { type Change, type Labels, MINUTE, type Series, type World, one } from './world.js'

export const JOB = 'edgeclock'
/** Watches both servers of the pool, and its calls. */
export const MONITOR = 'monitor:10429'
/** Runs on edge02, and watches nothing else. */
export const EDGE = 'edge02:10429'
export const POOL = 'edgepool1'

export const byMonitor = { job: JOB, instance: MONITOR }
export const byEdge = { job: JOB, instance: EDGE }
export const edge01 = { pool: POOL, server: 'edge01' }
export const edge02 = { pool: POOL, server: 'edge02' }

type Exporter = typeof byMonitor
type Server = typeof edge01

const YEAR = 31_536_000

export const exporter = (by: Exporter): World => [
  one('up', by, 1),
  one('edgeclock_clock_thread_up', by, 1),
  one('edgeclock_config_last_reload_successful', by, 1),
  one('edgeclock_reference_synchronized', by, 1),
  one('edgeclock_reference_witness_agrees', by, 1),
  ...['ntp1', 'ntp2', 'ntp3'].flatMap(server => [
    one('edgeclock_reference_server_reachable', { ...by, server }, 1),
    one('edgeclock_reference_server_falseticker', { ...by, server }, 0),
  ]),
  one('edgeclock_host_clock_offset_seconds', by, 0.0002),
  one('edgeclock_host_clock_offset_error_seconds', by, 0.001),
  one('edgeclock_host_clock_steps_total', by, 0),
]

const identity = (labels: Labels, module: string): Labels => ({
  ...labels,
  module,
  computer: (labels['server'] ?? '').toUpperCase(),
  dns_name: `${labels['server']}.contoso.com`,
  domain: 'CONTOSO',
})

/** Promtool's time begins at 0, and true time with it. */
export const clock = (by: Exporter, server: Server, offset: number): World => {
  const labels = { ...by, ...server }
  const tls = { ...labels, module: 'sip_tls' }
  return [
    one('edgeclock_clock_offset_seconds', labels, offset),
    one('edgeclock_clock_offset_error_seconds', labels, 0.001),
    one('edgeclock_clock_last_reading_timestamp_seconds', labels, s => s - 5),
    one('edgeclock_clock_drift_ratio', labels, 2e-6),
    one('edgeclock_clock_steps_total', labels, 0),
    one('edgeclock_clock_consistent', labels, 1),
    one('edgeclock_probe_success', { ...labels, module: 'ntp' }, 1),
    one('edgeclock_probe_success', tls, 1),
    one('edgeclock_server_certificate_not_before_timestamp_seconds', tls, -YEAR),
    one('edgeclock_server_certificate_not_after_timestamp_seconds', tls, YEAR),
    one('edgeclock_server_identity_info', identity(labels, 'rdp'), 1),
    one('edgeclock_server_identity_info', identity(labels, 'winrm'), 1),
    one('edgeclock_ntp_synchronized', labels, 1),
  ]
}

const timeService: World = [
  one('edgeclock_ntp_synchronized', { ...byEdge, ...edge02 }, 1),
  one('edgeclock_ntp_synchronized_since_boot', { ...byEdge, ...edge02 }, 1),
  one('edgeclock_ntp_service_found', { ...byEdge, ...edge02 }, 1),
  one('edgeclock_ntp_service_running', { ...byEdge, ...edge02 }, 1),
  one('edgeclock_ntp_service_survives_reboot', { ...byEdge, ...edge02 }, 1),
  one('edgeclock_ntp_max_correction_seconds', { ...byEdge, ...edge02 }, 54_000),
  one('edgeclock_ntp_correction_possible', { ...byEdge, ...edge02 }, 1),
  // Of edge01 it is known from outside, and without a limit.
  one('edgeclock_ntp_max_correction_seconds', { ...byMonitor, ...edge01 }, Infinity),
  ...['sc', 'reg', 'w32tm'].map(tool =>
    one('edgeclock_ntp_source_readable', { ...byEdge, ...edge02, tool, reason: '' }, 1),
  ),
]

export const failures = (
  sip_code: string,
  diagnostic: string,
  cause: string,
  value: Parameters<typeof one>[2],
): Series =>
  one(
    'edgeclock_um_call_failures_total',
    { ...byMonitor, pool: POOL, sip_code, diagnostic, cause },
    value,
  )

/** A counter that began long ago, and grows by one each so many seconds. */
const counting = (before: number, everySeconds: number) => (seconds: number) =>
  before + Math.floor(seconds / everySeconds)

export const source = { ...byMonitor, source: 'trace:/var/log/cls/*.log' }
export const outcome = (name: string) => ({ ...byMonitor, pool: POOL, outcome: name })
export const traces = { ...byMonitor, ...edge02, peer: 'fe1' }

const calls: World = [
  one('edgeclock_call_thread_up', byMonitor, 1),
  one('edgeclock_call_state_durable', byMonitor, 1),
  one('edgeclock_calls_open', { ...byMonitor, pool: POOL }, 2),
  one('edgeclock_um_calls_total', outcome('answered'), counting(9000, 30)),
  one('edgeclock_um_calls_total', outcome('failed'), counting(70, 20 * MINUTE)),
  one('edgeclock_um_calls_total', outcome('abandoned'), counting(400, 4 * MINUTE)),
  failures('429', '1020', 'clock_skew', 0),
  failures('480', '', 'other', counting(70, 20 * MINUTE)),
  one('edgeclock_trace_offset_seconds', traces, -0.2),
  one('edgeclock_trace_offset_error_seconds', traces, 0.3),
  one('edgeclock_call_source_up', source, 1),
  one('edgeclock_call_source_lag_bytes', source, 900),
  one('edgeclock_call_source_read_bytes_total', source, s => 1e9 + 2000 * s),
]

/** A pool with nothing wrong, and every series that an alert looks at. */
export const healthy: World = [
  ...exporter(byMonitor),
  ...exporter(byEdge),
  ...clock(byMonitor, edge01, 0.0004),
  ...clock(byMonitor, edge02, -0.0007),
  ...timeService,
  ...calls,
]

/** Nobody reads edge02 over the network: its own exporter alone knows its clock. */
export const unreadFromOutside: Change = world =>
  world.filter(({ labels }) => labels['instance'] !== MONITOR || labels['server'] !== 'edge02')

/**
 * The pool is split over two exporters, with calls here and edge02 there, and targets have one label more, as
 * those of a pod have. Both exporters of edge02 tell its limit.
 */
export const inTwoShards: Change = world => {
  const shard = { job: JOB, instance: 'monitor2:10429' }
  const moved = world.map(series =>
    series.labels['instance'] === MONITOR &&
    series.labels['server'] === 'edge02' &&
    series.labels['peer'] === undefined
      ? Object.assign({}, series, { labels: { ...series.labels, ...shard } })
      : series,
  )
  const limit = one('edgeclock_ntp_max_correction_seconds', { ...shard, ...edge02 }, Infinity)
  return [...moved, ...exporter(shard), limit].map(series =>
    Object.assign({}, series, {
      labels: { ...series.labels, pod: series.labels['instance'] ?? '' },
    }),
  )
}
