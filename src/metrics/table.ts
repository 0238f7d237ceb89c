/**
 * Every metric that edgeclock exports: prom-client's objects and the README's table are made from
 * here, and nothing that is not here can be exported. Offsets are a clock − true time; positive = it
 * is ahead.
 */
export interface MetricDefinition {
  readonly type: 'gauge' | 'counter'
  /** With sign and unit. */
  readonly help: string
  readonly labels: readonly string[]
}

const server = ['pool', 'server'] as const
const moduleOf = ['pool', 'server', 'module'] as const
const reference = ['server'] as const
const pool = ['pool'] as const
const source = ['source'] as const
const failure = ['sip_code', 'diagnostic', 'cause'] as const

const define = <const T extends { readonly [name: string]: MetricDefinition }>(table: T): T => table

const gauge = <const L extends readonly string[]>(help: string, labels: L) =>
  ({ type: 'gauge', help, labels }) as const
const counter = <const L extends readonly string[]>(help: string, labels: L) =>
  ({ type: 'counter', help, labels }) as const

export const metrics = define({
  edgeclock_clock_offset_seconds: gauge(
    "The server's clock minus true time, in seconds; positive = the server is ahead. Absent while not known.",
    server,
  ),
  edgeclock_clock_offset_error_seconds: gauge(
    'Half-width in seconds of the interval around the offset that holds the truth; it grows with the age of the reading.',
    server,
  ),
  edgeclock_clock_last_reading_timestamp_seconds: gauge(
    "When the server's clock was last read, in seconds of Unix time; by this machine's wall clock while true time is not known.",
    server,
  ),
  edgeclock_clock_drift_ratio: gauge(
    "How fast the server's offset changes, in seconds per second; positive = its clock runs fast. Absent until known to 50 ppm.",
    server,
  ),
  edgeclock_clock_contradictions_total: counter(
    'Readings that cannot be true of one clock together with those before them: steps, slews and several clocks at one address.',
    server,
  ),
  edgeclock_clock_steps_total: counter("Jumps of the server's clock by 128 ms or more.", server),
  edgeclock_clock_last_step_seconds: gauge(
    "The last jump of the server's clock, in seconds; positive = it was set ahead.",
    server,
  ),
  edgeclock_clock_consistent: gauge(
    '1 while all readings of the server can be true of one clock, 0 while they contradict each other; then no offset is told.',
    server,
  ),
  edgeclock_probe_success: gauge('1 if the last reading succeeded, else 0.', moduleOf),
  edgeclock_probe_duration_seconds: gauge(
    'How long the last reading took in seconds, its failures included.',
    moduleOf,
  ),
  edgeclock_probe_rtt_seconds: gauge(
    'Time on the way, there and back, of the last reading, in seconds.',
    moduleOf,
  ),
  edgeclock_probe_offset_seconds: gauge(
    "The server's clock minus true time as this module reads it, in seconds; positive = the server is ahead.",
    moduleOf,
  ),
  edgeclock_probe_offset_error_seconds: gauge(
    "Half-width in seconds of the interval that holds this module's offset.",
    moduleOf,
  ),
  edgeclock_probe_failures_total: counter('Readings that failed, by reason.', [
    ...moduleOf,
    'reason',
  ]),
  edgeclock_probe_packets_discarded_total: counter(
    'Datagrams that were not the reply to our request and were thrown away, by what was wrong.',
    [...moduleOf, 'reason'],
  ),
  edgeclock_server_boot_timestamp_seconds: gauge(
    'When the server started, in seconds of Unix time.',
    server,
  ),
  edgeclock_ntp_synchronized: gauge(
    '1 if the server says that its clock is synchronised, 0 if it says that it is not.',
    server,
  ),
  edgeclock_ntp_leap_indicator: gauge(
    'The leap indicator that the server announces: 0 none, 1 or 2 a leap second, 3 not synchronised.',
    server,
  ),
  edgeclock_ntp_stratum: gauge(
    'The stratum that the server announces; 0 and 16 = not synchronised.',
    server,
  ),
  edgeclock_reference_synchronized: gauge(
    '1 while true time is known to better than reference.max_error, else 0.',
    [],
  ),
  edgeclock_reference_error_seconds: gauge(
    'Half-width in seconds of the interval that holds true time. Absent while true time is not known.',
    [],
  ),
  edgeclock_reference_age_seconds: gauge(
    'Seconds since the newest reading of a reference server that is in the consensus.',
    [],
  ),
  edgeclock_reference_agreeing_servers: gauge(
    'Reference servers whose intervals agree; 0 while there is no majority.',
    [],
  ),
  edgeclock_reference_witness_agrees: gauge(
    '1 if the second, independent NTP client agrees with the consensus, 0 if it does not. Absent while it has no answer.',
    [],
  ),
  edgeclock_reference_server_reachable: gauge(
    '1 if the reference server answered one of the last eight questions, usable or not, else 0.',
    reference,
  ),
  edgeclock_reference_server_offset_seconds: gauge(
    "The reference server's time minus the consensus, in seconds; positive = it is ahead.",
    reference,
  ),
  edgeclock_reference_server_error_seconds: gauge(
    'Half-width in seconds of the interval that holds that offset, root distance included.',
    reference,
  ),
  edgeclock_reference_server_rtt_seconds: gauge(
    'Time on the way, there and back, of the last good reply, in seconds.',
    reference,
  ),
  edgeclock_reference_server_stratum: gauge(
    'The stratum that the reference server announces.',
    reference,
  ),
  edgeclock_reference_server_leap_indicator: gauge(
    'The leap indicator that the reference server announces.',
    reference,
  ),
  edgeclock_reference_server_falseticker: gauge(
    '1 if the reference server contradicts the majority. Absent while there is no majority.',
    reference,
  ),
  edgeclock_reference_server_failures_total: counter(
    'Questions to the reference server that gave no usable time, by reason.',
    [...reference, 'reason'],
  ),
  edgeclock_reference_server_packets_discarded_total: counter(
    'Datagrams that were not the reply to our request and were thrown away, by what was wrong.',
    [...reference, 'reason'],
  ),
  edgeclock_host_clock_offset_seconds: gauge(
    "This machine's wall clock minus true time, in seconds; positive = ahead. No other offset depends on it.",
    [],
  ),
  edgeclock_host_clock_offset_error_seconds: gauge(
    'Half-width in seconds of the interval that holds that offset.',
    [],
  ),
  edgeclock_host_clock_steps_total: counter(
    "Jumps of this machine's wall clock by 4 ms or more.",
    [],
  ),
  edgeclock_host_clock_last_step_seconds: gauge(
    "The last jump of this machine's wall clock, in seconds; positive = it was set ahead.",
    [],
  ),
  edgeclock_host_suspends_total: counter(
    'Times that this machine slept, or may have; true time and all clocks are then taken again.',
    [],
  ),
  edgeclock_clock_thread_up: gauge(
    '1 if the clock thread answered this scrape. While 0, every series of clocks is absent.',
    [],
  ),
  edgeclock_um_calls_total: counter(
    'Voicemail calls by how they ended: answered, failed, abandoned by the caller. One Call-ID is one call.',
    [...pool, 'outcome'],
  ),
  edgeclock_um_call_failures_total: counter(
    'Voicemail calls that failed, by final SIP code, ms-diagnostics id of the catalogue (other; empty = none), and cause.',
    [...pool, ...failure],
  ),
  edgeclock_um_calls_unresolved_total: counter('Voicemail calls whose end is in no trace.', pool),
  edgeclock_sip_failures_total: counter(
    'SIP requests that failed, voicemail or not, each once: at the server that is nearest to where the failure began.',
    [...pool, 'server', ...failure],
  ),
  edgeclock_windows_events_total: counter('Windows events of the catalogue.', [
    ...pool,
    'server',
    'event_id',
  ]),
  edgeclock_trace_offset_seconds: gauge(
    "The server's clock minus its peer's, in seconds, from messages that both have in their traces; positive = the server is ahead.",
    [...pool, 'server', 'peer'],
  ),
  edgeclock_trace_offset_error_seconds: gauge(
    'Half-width in seconds of the interval that holds that offset.',
    [...pool, 'server', 'peer'],
  ),
  edgeclock_calls_open: gauge(
    'Calls that are not counted yet: they are not over, or just were.',
    pool,
  ),
  edgeclock_calls_evicted_total: counter(
    'Calls counted as they stood because too many were open at once.',
    pool,
  ),
  edgeclock_call_source_up: gauge(
    '1 while the source can be read, else 0; the log says why.',
    source,
  ),
  edgeclock_call_source_files: gauge('Files that the source follows.', source),
  edgeclock_call_source_read_bytes_total: counter('Bytes that the source is done with.', source),
  edgeclock_call_source_lag_bytes: gauge(
    'Bytes that are there and not done with, a record that is still being written included.',
    source,
  ),
  edgeclock_call_source_records_total: counter(
    'Records, events, entries or packets that the source has read.',
    source,
  ),
  edgeclock_call_source_malformed_total: counter(
    'Records that could not be read and were passed over.',
    source,
  ),
  edgeclock_call_source_dropped_total: counter(
    'Packets and connections that were thrown away: broken, or more than could be taken.',
    source,
  ),
  edgeclock_call_state_durable: gauge(
    '1 if the last state was written, 0 while it cannot be; then counts stand still.',
    [],
  ),
  edgeclock_call_state_set_aside: gauge(
    '1 if at the start a state could not be read and was set aside: counts began anew.',
    [],
  ),
  edgeclock_call_thread_up: gauge(
    '1 while the calls thread tells what it counts. While 0, every series of calls is absent.',
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
})

export type MetricName = keyof typeof metrics
export type LabelsOf<N extends MetricName> = (typeof metrics)[N]['labels'][number]
export type LabelValues<N extends MetricName> = { readonly [L in LabelsOf<N>]: string }
