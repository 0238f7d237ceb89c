import { counter, gauge } from '../definition.js'

const reference = ['server'] as const

/** True time, and this machine's own wall clock. */
export const referenceMetrics = {
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
} as const
