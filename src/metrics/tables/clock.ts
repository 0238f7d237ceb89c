import { counter, gauge, server } from '../definition.js'

const moduleOf = [...server, 'module'] as const

/** Of each watched server's clock, and of each way to read it. */
export const clockMetrics = {
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
    '1 while all readings of the server can be true of one clock, 0 while they contradict each other; then no offset is told. Absent while no module has read it lately.',
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
    "When the server started, in seconds of Unix time, by the server's own clock.",
    server,
  ),
  edgeclock_server_certificate_not_before_timestamp_seconds: gauge(
    "From when on the server's certificate is valid, in seconds of Unix time. Only of modules that see one; it is not verified.",
    moduleOf,
  ),
  edgeclock_server_certificate_not_after_timestamp_seconds: gauge(
    "Until when the server's certificate is valid, in seconds of Unix time. Only of modules that see one; it is not verified.",
    moduleOf,
  ),
  edgeclock_server_certificate_valid_at_server_time: gauge(
    "1 if the certificate that the server shows is valid at the server's own time, 0 if it has expired there or is not yet valid. Absent while in doubt.",
    moduleOf,
  ),
  edgeclock_server_identity_info: gauge(
    '1; what the computer calls itself that answered the last reading; empty = it did not say. Behind a load balancer it may be another one each time; other from the 17th name on.',
    [...moduleOf, 'computer', 'dns_name', 'domain'],
  ),
} as const
