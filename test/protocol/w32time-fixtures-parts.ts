import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import type { Language } from './w32time-fixtures-languages.js'
import {
  type Printing,
  type Settings,
  type W32TimeState,
  netlogonRegText,
  notStartedText,
  scText,
  serviceRegText,
  toUnix,
  w32tmText,
} from './w32time-fixtures-text.js'

export type Situation =
  | 'synchronised'
  | 'local CMOS clock after a reboot'
  | 'VM IC provider'
  | 'service stopped'
  | 'trigger start on a workgroup host'
  | 'change too big after a success'
  | 'change too big after a reboot'

/** What a tool printed on its standard output, and how it ended. */
export interface Printed {
  readonly text: string
  readonly exitCode: number
}

/** A server's tools in one situation and language, and what is known by them. */
export interface W32TimeFixture {
  readonly language: Language
  readonly situation: Situation
  readonly w32tm: Printed
  readonly sc: Printed
  readonly reg: {
    readonly service: Printed
    /** There is no such key where it is absent: reg ends with 1. */
    readonly policy?: Printed
    readonly netlogon: Printed
  }
  readonly expect: TimeServiceFacts
}

/** What the servers' clocks say; 4 March is written in ways that can be mistaken for 3 April. */
export const fixtureNow = Date.UTC(2026, 2, 4, 12, 30, 0) / 1000
export const fixtureClock = { toUnix, nowUnix: fixtureNow }

const DEFAULT_LIMITS = [54_000, 54_000] as const
const SERVERS = 'ntp.contoso.com,0x8 192.0.2.7,0x9'
export const CONFIGURED = 'ntp.contoso.com 192.0.2.7'
export const workgroup: Settings = {
  start: 2,
  triggers: 'none',
  type: 'NTP',
  servers: SERVERS,
  limits: DEFAULT_LIMITS,
}

export const good: W32TimeState = {
  leap: 0,
  stratum: 3,
  referenceId: 0xc0000207,
  lastSync: fixtureNow - 4812,
  source: 'ntp.contoso.com,0x8',
  stateMachine: 2,
  lastSyncError: 0,
  age: '4812.7981071',
}

/** As after a boot: the age counts from the start of the service. */
export const never: W32TimeState = {
  leap: 3,
  stratum: 0,
  referenceId: 0,
  source: 'Local CMOS Clock',
  stateMachine: 0,
  lastSyncError: 1,
  age: '12.4332958',
}

/** What differs from one language to the next, besides its words. */
interface Variant {
  readonly printing: Printing
  /** The provider of the host fills in no reference id in some versions. */
  readonly hostId: number
  readonly stoppedBy: 0 | 1077
  readonly freeRunning: boolean
  /** Whether the clock still counts as synchronised while a change is refused. */
  readonly holding: boolean
}

export const variants: Readonly<Record<Language, Variant>> = {
  english: {
    printing: {},
    hostId: 0x564d5450,
    stoppedBy: 1077,
    freeRunning: false,
    holding: false,
  },
  german: {
    printing: { decimalComma: true },
    hostId: 0x564d5450,
    stoppedBy: 0,
    freeRunning: true,
    holding: false,
  },
  french: {
    printing: { decimalComma: true, width: 40 },
    hostId: 0,
    stoppedBy: 1077,
    freeRunning: true,
    holding: true,
  },
  japanese: { printing: {}, hostId: 0, stoppedBy: 0, freeRunning: false, holding: true },
}

export const ok = (text: string): Printed => ({ text, exitCode: 0 })

interface Parts {
  readonly state: W32TimeState
  readonly printing?: Printing
  readonly settings?: Settings
  readonly policy?: Printed
  readonly expect: TimeServiceFacts
}

const common: TimeServiceFacts = {
  survivesReboot: true,
  correctionLimits: { ahead: 54_000, back: 54_000 },
}

export const running = (
  language: Language,
  situation: Situation,
  { state, printing, settings = workgroup, policy, expect }: Parts,
): W32TimeFixture => ({
  language,
  situation,
  w32tm: ok(w32tmText(language, state, printing ?? variants[language].printing)),
  sc: ok(scText(4, 0)),
  reg: {
    service: ok(serviceRegText(settings)),
    ...(policy && { policy }),
    netlogon: ok(netlogonRegText(3)),
  },
  expect: {
    ...common,
    running: true,
    leap: state.leap,
    stratum: state.stratum,
    lastSyncError: state.lastSyncError,
    ...(state.lastSync !== undefined && { lastSyncTimestamp: state.lastSync }),
    ...expect,
  },
})

export const stopped = (
  language: Language,
  situation: Situation,
  win32ExitCode: 0 | 1077,
  settings: Settings,
): W32TimeFixture => ({
  language,
  situation,
  // HRESULT 0x80070426, of which shells keep what they can.
  w32tm: { text: notStartedText(language), exitCode: 38 },
  sc: ok(scText(1, win32ExitCode)),
  reg: { service: ok(serviceRegText(settings)), netlogon: ok(netlogonRegText(3)) },
  expect: {
    ...common,
    running: false,
    survivesReboot: false,
    source: { configured: CONFIGURED },
    ...(win32ExitCode === 1077 && { synchronizedSinceBoot: false }),
  },
})
