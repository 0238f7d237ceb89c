import type { Seconds } from '../time/units.js'
import { nameList } from './name-list.js'
import type { TimeServiceFacts } from './time-service.js'

/** What `timedatectl show` prints, as far as it matters. */
export interface TimedatectlReport {
  /** The kernel's own word: false from boot until a program that keeps the clock has set it, and hours after the last one did. */
  readonly isSynchronized: boolean
}

/** What `timedatectl show-timesync --all` prints, as far as it matters. */
export interface TimesyncReport {
  /** The server that is asked now, as configured; empty without one. */
  readonly serverName: string
  /** The names that it tries, as systemd-timesyncd.service(8) chooses them. */
  readonly servers: readonly string[]
  /** The last answer; undefined without one since it started, or since its servers were changed. */
  readonly message: TimesyncMessage | undefined
}

/** The server's leap indicator and stratum, not its client's. */
export interface TimesyncMessage {
  readonly leap: number
  readonly stratum: number
  /** When it came, by the clock as it was then; undefined where it is not told in UTC. */
  readonly received: Seconds | undefined
  /** It was too far from the others to be believed, and changed nothing. */
  readonly isIgnored: boolean
}

/** Undefined for what is not all of `timedatectl show`. */
export const parseTimedatectl = (text: string): TimedatectlReport | undefined => {
  const synchronized = properties(text)?.get('NTPSynchronized') ?? ''
  return /^(yes|no)$/.test(synchronized) ? { isSynchronized: synchronized === 'yes' } : undefined
}

/** Undefined for what is not all of `timedatectl show-timesync --all`. */
export const parseTimesync = (text: string): TimesyncReport | undefined => {
  const told = properties(text)
  const system = told?.get('SystemNTPServers')
  const fallback = told?.get('FallbackNTPServers')
  const serverName = told?.get('ServerName')
  const blob = told?.get('NTPMessage')
  const message = blob === undefined ? undefined : parseMessage(blob)
  if (!told || system === undefined || fallback === undefined || serverName === undefined)
    return undefined
  if (blob !== undefined && !message) return undefined
  const others = ['LinkNTPServers', 'RuntimeNTPServers'].map(name => told.get(name) ?? '')
  const chosen = words([...others, system].join(' '))
  return {
    serverName: NAME.test(serverName) ? serverName : '',
    servers: chosen.length > 0 ? chosen : words(fallback),
    message,
  }
}

const NAME = /^[\x21-\x7e]{1,100}$/
const words = (list: string): readonly string[] => list.split(' ').filter(word => NAME.test(word))

/** Undefined where the last line was cut, as half of a value is another value. */
const properties = (text: string): ReadonlyMap<string, string> | undefined => {
  if (!text.endsWith('\n')) return undefined
  const told = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf('=')
    const name = line.slice(0, Math.max(equals, 0))
    if (/^[A-Za-z]+$/.test(name)) told.set(name, line.slice(equals + 1))
  }
  return told
}

/** `{ Leap=0, …, Ignored=no, PacketCount=6, Jitter=22ms }`; before systemd 253 without the comma behind Ignored. */
const parseMessage = (blob: string): TimesyncMessage | undefined => {
  if (!blob.startsWith('{ ') || !blob.endsWith(' }')) return undefined
  const value = (name: string): string =>
    new RegExp(` ${name}=([^,}]{0,100})[,} ]`).exec(blob)?.[1]?.trim() ?? ''
  const leap = value('Leap')
  const stratum = value('Stratum')
  const ignored = / Ignored=(yes|no),? /.exec(blob)?.[1]
  if (!/^[0-3]$/.test(leap) || !/^\d{1,2}$/.test(stratum) || ignored === undefined) return undefined
  return {
    leap: Number(leap),
    stratum: Number(stratum),
    received: utcSeconds(value('DestinationTimestamp')),
    isIgnored: ignored === 'yes',
  }
}

/** `Sun 2022-08-07 10:09:44 UTC`, in other zones with their abbreviations. */
const utcSeconds = (stamp: string): Seconds | undefined => {
  const [, date, time] =
    /^[A-Z][a-z]{2} (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) UTC$/.exec(stamp) ?? []
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}T${time}Z`)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/** What is known of systemd-timesyncd; `timesync` only of one that runs. */
export const timesyncdFacts = (
  clock: TimedatectlReport | undefined,
  timesync: TimesyncReport | undefined,
): TimeServiceFacts => {
  const since = sinceBoot(clock, timesync)
  const synchronized = timesync && isKept(clock, timesync)
  return {
    ...(synchronized !== undefined && { synchronized }),
    ...(since !== undefined && { synchronizedSinceBoot: since }),
    ...(timesync && messageFacts(timesync, synchronized === true)),
  }
}

/** The kernel's word holds for hours after another program was stopped; only with an answer is it this one's. */
const isKept = (
  clock: TimedatectlReport | undefined,
  { message }: TimesyncReport,
): boolean | undefined => {
  if (clock?.isSynchronized !== true) return clock?.isSynchronized
  return message && !message.isIgnored ? true : undefined
}

const sinceBoot = (
  clock: TimedatectlReport | undefined,
  timesync: TimesyncReport | undefined,
): boolean | undefined => {
  if (clock?.isSynchronized) return true
  if (!timesync) return undefined
  if (timesync.message) return timesync.message.isIgnored ? undefined : true
  return clock && false
}

const messageFacts = (
  { serverName, servers, message }: TimesyncReport,
  synchronized: boolean,
): TimeServiceFacts => {
  const configured = nameList(servers)
  const actual =
    message && serverName !== '' ? ({ actual: serverName, kind: 'external' } as const) : {}
  return {
    // RFC 5905 §11.1: a client is one stratum below its server.
    ...(message && synchronized && { leap: message.leap, stratum: message.stratum + 1 }),
    ...(message?.received !== undefined &&
      synchronized &&
      !message.isIgnored && { lastSyncTimestamp: message.received }),
    source: { ...actual, configured },
  }
}
