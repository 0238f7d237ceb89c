import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { W32TimeSettings } from '../protocol/w32time-settings.js'
import { type W32TimeClock, w32timeFacts } from '../protocol/w32time.js'
import type { W32tmStatus } from '../protocol/w32tm.js'
import { type UnixNs, seconds, toSeconds, unixNs } from '../time/units.js'
import { type Course, backAt, rebootAt, stageAt } from './reboot.js'

/** What the tools of a Windows server would tell of its time service. */
export interface SimulatedTimeService {
  readonly facts: TimeServiceFacts
  readonly settings: W32TimeSettings
}

/** How long edge02 had been up before the demo. */
const UP_BEFORE = seconds(41 * 86_400)
/** W32Time's poll interval. */
const POLL_SECONDS = 64
/** [MS-SCMR] 2.2.47 */
const RUNNING = { state: 4, win32ExitCode: 0 }
/** [MS-W32T]: no time data was available. */
const NO_TIME_DATA = 1
const NTP_SERVERS = ['ntp1.contoso.com', 'ntp2.contoso.com']

/** Windows' own outside a domain: only joining one starts the service. It is started by hand. */
const UNTOUCHED: W32TimeSettings = {
  startType: 'manual',
  triggers: [
    { action: 'start', on: 'domain' },
    { action: 'stop', on: 'domain' },
  ],
  domainMember: false,
  type: 'NTP',
  servers: NTP_SERVERS,
  correctionLimits: { ahead: 54_000, back: 54_000 },
  ntpClientEnabled: true,
  secureTimeSeeding: false,
}

/** Automatic start, and a trigger that a machine without a domain has. */
const REPAIRED: W32TimeSettings = {
  ...UNTOUCHED,
  startType: 'automatic',
  triggers: [
    { action: 'start', on: 'network' },
    { action: 'stop', on: 'network' },
  ],
}

/** edge02's time service at an instant of true time; undefined while edge02 is down. */
export const timeServiceAt = (course: Course, at: UnixNs): SimulatedTimeService | undefined => {
  const stage = stageAt(course, at)
  if (stage === 'down') return undefined
  const settings = stage === 'repaired' ? REPAIRED : UNTOUCHED
  const clock = clockOf(unixNs(at + rebootAt(course)('edge02', at).offset))
  const status = stage === 'unkept' ? NEVER_SYNCHRONISED : keptStatus(course, clock.nowUnix)
  const booted = stage === 'before' ? unixNs(course.down - UP_BEFORE) : backAt(course)
  const facts = w32timeFacts({ service: RUNNING, settings, status, clock })
  return { settings, facts: { ...facts, bootTimestamp: toSeconds(booted) } }
}

/** Its time zone is UTC. */
const clockOf = (shown: UnixNs): W32TimeClock => ({
  nowUnix: toSeconds(shown),
  toUnix: ({ year, month, day, hour, minute, second }) =>
    Date.UTC(year, month - 1, day, hour, minute, second) / 1000,
})

/** What w32tm says from the service's start until its first synchronisation. */
const NEVER_SYNCHRONISED: W32tmStatus = {
  leap: 3,
  stratum: 0,
  referenceId: 0,
  source: 'Local CMOS Clock',
  lastSyncError: NO_TIME_DATA,
}

const keptStatus = ({ repair }: Course, nowUnix: number): W32tmStatus => {
  const polled = Math.floor(nowUnix / POLL_SECONDS) * POLL_SECONDS
  const resynchronised = repair === undefined ? 0 : Math.floor(toSeconds(repair))
  const lastSync = resynchronised > nowUnix ? polled : Math.max(polled, resynchronised)
  return {
    leap: 0,
    stratum: 3,
    referenceId: 0xc0_00_02_7b,
    lastSync: new Date(lastSync * 1000).toISOString().slice(0, 19).replace('T', ' '),
    source: `${NTP_SERVERS[0]},0x8`,
    lastSyncError: 0,
    sinceLastSync: nowUnix - lastSync,
  }
}
