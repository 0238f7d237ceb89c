import type { Sample } from './exposition-text.js'
import { type ExporterKind, bootTimestamp } from './exporter-kind.js'
import type { TimeServiceFacts } from './time-service.js'
import { withoutUndefined } from './w32time-settings.js'

const BOOT = 'node_boot_time_seconds'
const SYNC_STATUS = 'node_timex_sync_status'

/**
 * The kernel's word (STA_UNSYNC, adjtimex(2)): unsynchronised from boot until a program that keeps the clock says
 * otherwise, and again hours after the last one did. A chronyd without `rtcsync` never says so.
 */
const isSynchronized = (samples: readonly Sample[]): boolean | undefined => {
  const told = new Set(samples.filter(({ name }) => name === SYNC_STATUS).map(one => one.value))
  const [status] = told
  if (told.size !== 1) return undefined
  return status === '1' ? true : status === '0' ? false : undefined
}

const factsOf = (samples: readonly Sample[]): TimeServiceFacts =>
  withoutUndefined({
    bootTimestamp: bootTimestamp(samples, [BOOT]),
    synchronized: isSynchronized(samples),
  })

/**
 * node_exporter since 0.16. Its clock has nanoseconds when it is read, and 2⁻²² s when it is printed. The kernel's own
 * offset (`node_timex_offset_seconds`) is not read: it is what is still being corrected, at most 0.5 s, and 0
 * under chrony.
 */
export const nodeExporter: ExporterKind = {
  name: 'node_exporter',
  clocks: ['node_time_seconds'],
  series: [BOOT, SYNC_STATUS],
  keeps: () => true,
  factsOf,
  collectors: [
    { collector: 'stat', fact: 'bootTimestamp' },
    { collector: 'timex', fact: 'synchronized' },
  ],
}
