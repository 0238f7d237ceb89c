import { JOB, ofServers, perServer } from './query.js'

/** From here on a Skype for Business server refuses what another one signed; the warning's limit. */
export const OFF = 5
/** The limit of the page. */
export const FAR_OFF = 60
/** What Kerberos allows between two machines by default. */
export const KERBEROS = 300

/**
 * A clock is watched from outside, or by an exporter on the server itself (`host:`), or by several of them.
 * What the latter two tell of this machine has no pool and server: the tools' series know them.
 */
const watched = (metric: string, ofHost: string): string =>
  `(${ofServers(metric)} or (max by (job, instance, pool, server)` +
  ` (${ofServers('edgeclock_ntp_source_readable')}) * 0` +
  ` + on (job, instance) group_left () ${ofHost}{${JOB}}))`

const offsets = watched('edgeclock_clock_offset_seconds', 'edgeclock_host_clock_offset_seconds')
const errors = watched(
  'edgeclock_clock_offset_error_seconds',
  'edgeclock_host_clock_offset_error_seconds',
)

/**
 * For lines: offsets are averaged with their errors. The mean of intervals that all hold the truth holds it
 * too, and unlike the largest of them it keeps its sign. Positive = the server is ahead.
 */
export const offset = perServer('avg', offsets)
export const error = perServer('avg', errors)

/**
 * How far off the clock is at least; below 0 where it may be right. Not of the means: where two exporters
 * disagree, those hide what the one of them pages for.
 */
export const surelyOff = perServer('max', `abs${offsets} - ${errors}`)
/** How far off it is at most. */
export const atMostOff = perServer('max', `abs${offsets} + ${errors}`)

/** By how much the clocks of a pool differ at least. */
export const surelyApart = `max by (pool) (${offsets} - ${errors}) - min by (pool) (${offsets} + ${errors})`

const readable = perServer('max', ofServers('edgeclock_probe_success'))
const watchesItself = perServer('max', ofServers('edgeclock_ntp_source_readable'))

/**
 * 0 right, 1 off, 2 far off; where there is no offset: −2 not readable, −1 read, but there is nothing to
 * compare it with, or its readings contradict each other. Who watches only itself can always read its clock.
 */
export const state =
  `(${surelyOff} > bool ${OFF}) + (${surelyOff} > bool ${FAR_OFF})` +
  ` or ${readable} - 2 or ${watchesItself} * 0 - 1`

export const drift = perServer('avg', ofServers('edgeclock_clock_drift_ratio'))
