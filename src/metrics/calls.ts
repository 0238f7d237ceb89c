import type { CallsSnapshot } from '../calls/snapshot.js'
import type { Put } from './exposition.js'

/** The failure that this project exists for. Its series are there from the start, at 0. */
const SKEWED = { sip_code: '429', diagnostic: '1020', cause: 'clock_skew' } as const

/** The calls side's series; none but `edgeclock_call_thread_up 0` where it is silent. */
export const putCalls = (put: Put, snapshot: CallsSnapshot | undefined): void => {
  put('edgeclock_call_thread_up', {}, snapshot !== undefined)
  if (!snapshot) return
  put('edgeclock_call_state_durable', {}, snapshot.durable)
  put('edgeclock_call_state_set_aside', {}, snapshot.setAside)
  for (const pool of snapshot.pools) if (pool.hasBegun) putPool(put, pool)
  for (const source of snapshot.sources) putSource(put, source)
}

const putPool = (put: Put, counted: CallsSnapshot['pools'][number]): void => {
  const { pool } = counted
  for (const [outcome, count] of Object.entries(counted.outcomes)) {
    put('edgeclock_um_calls_total', { pool, outcome }, count)
  }
  put('edgeclock_um_calls_unresolved_total', { pool }, counted.unresolved)
  put('edgeclock_calls_open', { pool }, counted.open)
  put('edgeclock_calls_evicted_total', { pool }, counted.evicted)
  put('edgeclock_um_call_failures_total', { pool, ...SKEWED }, 0)
  for (const [[sip_code = '', diagnostic = '', cause = ''], count] of counted.callFailures) {
    put('edgeclock_um_call_failures_total', { pool, sip_code, diagnostic, cause }, count)
  }
  for (const server of ['', ...counted.servers]) {
    put('edgeclock_sip_failures_total', { pool, server, ...SKEWED }, 0)
  }
  for (const [labels, count] of counted.sipFailures) {
    const [server = '', sip_code = '', diagnostic = '', cause = ''] = labels
    put('edgeclock_sip_failures_total', { pool, server, sip_code, diagnostic, cause }, count)
  }
  for (const [[server = '', event_id = ''], count] of counted.events) {
    put('edgeclock_windows_events_total', { pool, server, event_id }, count)
  }
  for (const { server, peer, offset, error } of counted.offsets) {
    put('edgeclock_trace_offset_seconds', { pool, server, peer }, offset)
    put('edgeclock_trace_offset_error_seconds', { pool, server, peer }, error)
  }
}

const putSource = (put: Put, one: CallsSnapshot['sources'][number]): void => {
  const labels = { source: one.source }
  put('edgeclock_call_source_up', labels, one.up)
  put('edgeclock_call_source_files', labels, one.files)
  put('edgeclock_call_source_read_bytes_total', labels, one.readBytes)
  put('edgeclock_call_source_lag_bytes', labels, one.lagBytes)
  put('edgeclock_call_source_records_total', labels, one.records)
  put('edgeclock_call_source_malformed_total', labels, one.malformed)
  put('edgeclock_call_source_dropped_total', labels, one.dropped)
}
