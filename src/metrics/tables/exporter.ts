import { gauge } from '../definition.js'

/** What the exporter says of itself, and its answers to /probe. */
export const exporterMetrics = {
  edgeclock_clock_thread_up: gauge(
    '1 if the clock thread answered this scrape. While 0, every series of clocks is absent.',
    [],
  ),
  edgeclock_build_info: gauge('1; the version that runs, and on what.', [
    'version',
    'node_version',
  ]),
  edgeclock_config_last_reload_successful: gauge(
    '1 if the configuration file was good when last read, 0 if the one before it is still used.',
    [],
  ),
  edgeclock_config_last_reload_success_timestamp_seconds: gauge(
    'When a good configuration file was last read, in seconds of Unix time.',
    [],
  ),
  probe_success: gauge(
    '1 if the clock was read and its offset is known, else 0. Only on /probe.',
    [],
  ),
  probe_duration_seconds: gauge('How long the reading took in seconds. Only on /probe.', []),
  probe_clock_offset_seconds: gauge(
    "The target's clock minus true time, in seconds; positive = the target is ahead. Only on /probe.",
    [],
  ),
  probe_clock_offset_error_seconds: gauge(
    'Half-width in seconds of the interval that holds that offset. Only on /probe.',
    [],
  ),
  probe_failure_info: gauge('1; why the clock was not read. Only on /probe.', ['reason']),
} as const
