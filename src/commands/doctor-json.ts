import type { Diagnosis } from './doctor-format.js'
import type { Verdict } from './read-format.js'

/** For programs. What is not known is not there; a correction without a limit is null. */
export const inJson = ({ input, references, findings }: Diagnosis, verdict: Verdict): string => {
  const { reading, offset, system, bootTimestamp } = input
  const { facts } = reading
  const { correctionLimits: limits } = facts
  return JSON.stringify({
    ok: verdict === 'ok',
    verdict,
    system,
    service: reading.name,
    unit: reading.unit,
    offset_seconds: offset?.offset,
    error_seconds: offset?.error,
    against: references.map(({ server }) => server),
    running: facts.running,
    survives_reboot: facts.survivesReboot,
    synchronized: facts.synchronized,
    synchronized_since_boot: facts.synchronizedSinceBoot,
    leap: facts.leap,
    stratum: facts.stratum,
    last_sync_timestamp_seconds: facts.lastSyncTimestamp,
    last_sync_error: facts.lastSyncError,
    max_correction_seconds: limits && { ahead: limits.ahead, back: limits.back },
    source: facts.source,
    boot_timestamp_seconds: bootTimestamp,
    tools: reading.tools,
    findings,
  })
}
