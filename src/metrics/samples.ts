import type { Offset, OneReading, Snapshot } from '../clockside/snapshot.js'
import type { ModuleFacts } from '../clockside/module-facts.js'
import type { HostReport } from '../host/report.js'
import type { Put } from './exposition.js'
import { putTimeService, putTools } from './time-service.js'

/** What the exporter says of itself. */
export interface ExporterState {
  readonly version: string
  readonly reloadSuccessful: boolean
  readonly reloadedAtSeconds: number
  /** What this machine's time service tells, if it is one of the watched servers; from its wall clock's offset. */
  readonly host: (wallOffset: Offset | undefined) => HostReport | undefined
}

export const putExporter = (put: Put, state: ExporterState): void => {
  put('edgeclock_build_info', { version: state.version, node_version: process.version }, 1)
  put('edgeclock_config_last_reload_successful', {}, state.reloadSuccessful)
  put('edgeclock_config_last_reload_success_timestamp_seconds', {}, state.reloadedAtSeconds)
}

/**
 * The time service of each server, as its readings tell of it. What this machine's own tools tell goes before
 * what is read of it over the network: it is nearer, and one series has one value.
 */
export const putTimeServices = (
  put: Put,
  snapshot: Snapshot | undefined,
  host: HostReport | undefined,
): void => {
  const isHost = (one: { readonly pool: string; readonly server: string }): boolean =>
    one.pool === host?.pool && one.server === host.server
  const servers = snapshot?.servers ?? []
  for (const one of servers.filter(server => !isHost(server))) {
    putTimeService(put, { pool: one.pool, server: one.server }, one.service, one.offset)
  }
  if (!host) return
  const { pool, server, simulated } = host
  const facts = { ...servers.find(isHost)?.service, ...host.facts }
  // Its correction is of the clock that it keeps: ours, but where it is simulated.
  const { offset } = simulated ?? snapshot?.host ?? {}
  putTimeService(put, { pool, server }, facts, offset)
  putTools(put, host)
}

/** The clock side's series; none but `edgeclock_clock_thread_up 0` where it did not answer. */
export const putClocks = (put: Put, snapshot: Snapshot | undefined): void => {
  put('edgeclock_clock_thread_up', {}, snapshot !== undefined)
  if (!snapshot) return
  putReference(put, snapshot.reference)
  putHost(put, snapshot.host)
  for (const server of snapshot.servers) putServer(put, server)
}

const putReference = (put: Put, reference: Snapshot['reference']): void => {
  put('edgeclock_reference_synchronized', {}, reference.synchronized)
  put('edgeclock_reference_error_seconds', {}, reference.error)
  put('edgeclock_reference_age_seconds', {}, reference.age)
  put('edgeclock_reference_agreeing_servers', {}, reference.agreeing)
  put('edgeclock_reference_witness_agrees', {}, reference.witnessAgrees)
  for (const one of reference.servers) {
    const labels = { server: one.server }
    put('edgeclock_reference_server_reachable', labels, one.reachable)
    put('edgeclock_reference_server_offset_seconds', labels, one.offset?.offset)
    put('edgeclock_reference_server_error_seconds', labels, one.offset?.error)
    put('edgeclock_reference_server_rtt_seconds', labels, one.rtt)
    put('edgeclock_reference_server_stratum', labels, one.stratum)
    put('edgeclock_reference_server_leap_indicator', labels, one.leap)
    put('edgeclock_reference_server_falseticker', labels, one.falseticker)
    for (const [reason, count] of Object.entries(one.failures)) {
      put('edgeclock_reference_server_failures_total', { ...labels, reason }, count)
    }
    for (const [reason, count] of Object.entries(one.discards)) {
      put('edgeclock_reference_server_packets_discarded_total', { ...labels, reason }, count)
    }
  }
}

const putHost = (put: Put, host: Snapshot['host']): void => {
  put('edgeclock_host_clock_offset_seconds', {}, host.offset?.offset)
  put('edgeclock_host_clock_offset_error_seconds', {}, host.offset?.error)
  put('edgeclock_host_clock_steps_total', {}, host.steps)
  put('edgeclock_host_clock_last_step_seconds', {}, host.lastStep)
  put('edgeclock_host_suspends_total', {}, host.suspends)
}

const putServer = (put: Put, server: Snapshot['servers'][number]): void => {
  const labels = { pool: server.pool, server: server.server }
  put('edgeclock_clock_offset_seconds', labels, server.offset?.offset)
  put('edgeclock_clock_offset_error_seconds', labels, server.offset?.error)
  put('edgeclock_clock_last_reading_timestamp_seconds', labels, server.lastReadingTimestamp)
  put('edgeclock_clock_drift_ratio', labels, server.driftRatio)
  put('edgeclock_clock_contradictions_total', labels, server.contradictions)
  put('edgeclock_clock_steps_total', labels, server.steps)
  put('edgeclock_clock_last_step_seconds', labels, server.lastStep)
  put('edgeclock_clock_consistent', labels, server.consistent)
  for (const one of server.modules) putModule(put, { ...labels, module: one.module }, one)
}

type Module = Snapshot['servers'][number]['modules'][number]
type ModuleLabels = { readonly pool: string; readonly server: string; readonly module: string }

const putModule = (put: Put, labels: ModuleLabels, one: Module): void => {
  put('edgeclock_probe_success', labels, one.success)
  put('edgeclock_probe_duration_seconds', labels, one.duration)
  put('edgeclock_probe_rtt_seconds', labels, one.rtt)
  put('edgeclock_probe_offset_seconds', labels, one.offset?.offset)
  put('edgeclock_probe_offset_error_seconds', labels, one.offset?.error)
  putModuleFacts(put, labels, one)
  for (const [reason, count] of Object.entries(one.failures)) {
    put('edgeclock_probe_failures_total', { ...labels, reason }, count)
  }
  for (const [reason, count] of Object.entries(one.discards)) {
    put('edgeclock_probe_packets_discarded_total', { ...labels, reason }, count)
  }
}

const putModuleFacts = (
  put: Put,
  labels: ModuleLabels,
  { certificate, identity }: ModuleFacts,
): void => {
  const { notBefore, notAfter, validAtServerTime } = certificate ?? {}
  put('edgeclock_server_certificate_not_before_timestamp_seconds', labels, notBefore)
  put('edgeclock_server_certificate_not_after_timestamp_seconds', labels, notAfter)
  put('edgeclock_server_certificate_valid_at_server_time', labels, validAtServerTime)
  if (!identity) return
  const { computer = '', dnsName = '', domain = '' } = identity
  put('edgeclock_server_identity_info', { ...labels, computer, dns_name: dnsName, domain }, 1)
}

/** The answer of /probe: the blackbox exporter's names where it has them. */
export const putProbe = (put: Put, reading: OneReading): void => {
  put('probe_success', {}, reading.ok)
  put('probe_duration_seconds', {}, reading.duration)
  if (!reading.ok) return put('probe_failure_info', { reason: reading.reason }, 1)
  put('probe_clock_offset_seconds', {}, reading.offset)
  put('probe_clock_offset_error_seconds', {}, reading.error)
}
