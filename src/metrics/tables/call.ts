import { counter, gauge } from '../definition.js'

const pool = ['pool'] as const
const source = ['source'] as const
const failure = ['sip_code', 'diagnostic', 'cause'] as const

/** Calls, failures, events, and where they are learnt of. */
export const callMetrics = {
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
} as const
