import type { Sample } from './exposition-text.js'
import { type ExporterKind, bootTimestamp } from './exporter-kind.js'
import type { TimeServiceFacts } from './time-service.js'
import { withoutUndefined } from './w32time-settings.js'

/**
 * Until 0.30.0 the start was called an up time, and was a time all the same; from 0.30.2 to 0.30.5 it was
 * called a timestamp, and was an up time (prometheus-community/windows_exporter, issues 1783, 1963, 1995).
 */
const BOOT_SERIES = [
  'windows_system_boot_time_timestamp',
  'windows_system_boot_time_timestamp_seconds',
  'windows_system_system_up_time',
  'wmi_system_system_up_time',
]
const STATE_SERIES = ['windows_service_state', 'wmi_service_state']
const START_MODE_SERIES = ['windows_service_start_mode', 'wmi_service_start_mode']
const SERVICE_SERIES = new Set([...STATE_SERIES, ...START_MODE_SERIES])

/** Win32_Service.State in lower case, as in {@link ScState}: what is paused, or unknown, is not told. */
const RUNS: { readonly [state: string]: boolean } = {
  running: true,
  'start pending': true,
  'continue pending': true,
  stopped: false,
  'stop pending': false,
}

/** Services are called as they are registered ("W32Time"), by older versions in lower case. */
const isTimeService = ({ labels }: Sample): boolean =>
  labels.get('name')?.toLowerCase() === 'w32time'

/** The one member of a state set that is 1; undefined where there is none, or more. */
const stateOf = (
  samples: readonly Sample[],
  names: readonly string[],
  label: string,
): string | undefined => {
  const set = samples.filter(one => names.includes(one.name) && isTimeService(one))
  const on = new Set(set.filter(one => Number(one.value) === 1).map(one => one.labels.get(label)))
  const [state] = on
  return on.size === 1 ? state : undefined
}

const factsOf = (samples: readonly Sample[]): TimeServiceFacts => {
  const state = stateOf(samples, STATE_SERIES, 'state')
  const startMode = stateOf(samples, START_MODE_SERIES, 'start_mode')
  return withoutUndefined({
    bootTimestamp: bootTimestamp(samples, BOOT_SERIES),
    running: state === undefined ? undefined : RUNS[state],
    // Automatic and manual start both depend on triggers, which no page tells: see w32time.ts.
    survivesReboot: startMode === 'disabled' ? false : undefined,
  })
}

/**
 * windows_exporter, and wmi_exporter, as it was called until 0.12. Every version that is known cuts its clock down to
 * whole seconds. The clock was in the collector `os`, which is on by default and has it no more in the newest
 * versions; `time` has had it since 0.29, and is off by default. Older ones have a `time` without a clock.
 *
 * `windows_time_computed_time_offset_seconds` is not read: it is W32Time's own unsigned word on its own
 * source, and 0 where that is its own clock, and where the service is stopped.
 */
export const windowsExporter: ExporterKind = {
  name: 'windows_exporter',
  clocks: ['windows_time_current_timestamp_seconds', 'windows_os_time', 'wmi_os_time'],
  series: [...BOOT_SERIES, ...SERVICE_SERIES],
  keeps: sample => !SERVICE_SERIES.has(sample.name) || isTimeService(sample),
  factsOf,
  collectors: [
    { collector: 'system', fact: 'bootTimestamp' },
    { collector: 'service', fact: 'running' },
  ],
}
