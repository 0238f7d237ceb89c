import type { Offset } from '../clockside/snapshot.js'
import type { HostReport } from '../host/report.js'
import { isCorrectable } from '../protocol/correction.js'
import type { CorrectionLimits, TimeServiceFacts, TimeSource } from '../protocol/time-service.js'
import type { Put } from './exposition.js'

interface ServerLabels {
  readonly pool: string
  readonly server: string
}

/** What is known of the time service on one server, whose clock is off by `offset`. */
export const putTimeService = (
  put: Put,
  labels: ServerLabels,
  facts: TimeServiceFacts,
  offset: Offset | undefined,
): void => {
  put('edgeclock_server_boot_timestamp_seconds', labels, facts.bootTimestamp)
  put('edgeclock_ntp_synchronized', labels, facts.synchronized)
  put('edgeclock_ntp_synchronized_since_boot', labels, facts.synchronizedSinceBoot)
  put('edgeclock_ntp_leap_indicator', labels, facts.leap)
  put('edgeclock_ntp_stratum', labels, facts.stratum)
  put('edgeclock_ntp_last_sync_timestamp_seconds', labels, facts.lastSyncTimestamp)
  put('edgeclock_ntp_last_sync_error', labels, facts.lastSyncError)
  put('edgeclock_ntp_service_running', labels, facts.running)
  put('edgeclock_ntp_service_survives_reboot', labels, facts.survivesReboot)
  if (facts.correctionLimits) putCorrection(put, labels, facts.correctionLimits, offset)
  if (facts.source) putSource(put, labels, facts.source)
}

const putCorrection = (
  put: Put,
  labels: ServerLabels,
  limits: CorrectionLimits,
  offset: Offset | undefined,
): void => {
  put('edgeclock_ntp_max_correction_seconds', labels, Math.min(limits.ahead, limits.back))
  put('edgeclock_ntp_correction_possible', labels, offset && isCorrectable(limits, offset))
}

const putSource = (
  put: Put,
  labels: ServerLabels,
  { actual, configured, kind }: TimeSource,
): void => {
  const named = { ...labels, source: actual ?? '', configured: configured ?? '' }
  put('edgeclock_ntp_source_info', named, (actual ?? configured) === undefined ? undefined : 1)
  put('edgeclock_ntp_source_hypervisor', labels, kind && kind === 'hypervisor')
}

/** Whether there is a time service, and which tools of this machine told of it. */
export const putTools = (put: Put, { pool, server, found, tools }: HostReport): void => {
  put('edgeclock_ntp_service_found', { pool, server }, found)
  for (const one of tools) {
    const reason = one.ok ? '' : one.reason
    put('edgeclock_ntp_source_readable', { pool, server, tool: one.tool, reason }, one.ok)
  }
}
