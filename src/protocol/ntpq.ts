import type { Seconds } from '../time/units.js'
import { nameList } from './name-list.js'
import type { SourceKind, TimeServiceFacts } from './time-service.js'

/** What `ntpq -n -w -c rv -c peers` prints: NTPsec's, and the classic one's of 4.2.8. */
export interface NtpqReport {
  readonly leap: number
  readonly stratum: number
  /** `INIT` and `STEP` until it has a source; an address, a hash of one, or a receiver's letters. */
  readonly referenceId: string
  /** When it last took over a measurement; undefined = never, or not since it last stepped the clock. */
  readonly referenceTime: Seconds | undefined
  readonly peers: readonly NtpqPeer[]
}

export interface NtpqPeer {
  /** `*` = followed now, `o` = followed now by its pulses; ntpq(1), peers. */
  readonly tally: string
  readonly remote: string
  readonly isOwnClock: boolean
  /** Whether it has answered since ntpd started. */
  readonly isHeard: boolean
  /** Whether it has answered one of the last eight questions. */
  readonly isReachable: boolean
}

/** More than all system variables and their names take. */
const VARIABLES_LIMIT = 8192
const HEADING = /^\s+remote\s+refid\s+st\s+t\s+when\s+poll\s+reach\s/
/** Instead of the table, from ntpd without any server. */
const NO_PEERS = /No association ID'?s returned/
/** RFC 5905 §6: seconds from 1900 to 1970. */
const UNIX_EPOCH = 2_208_988_800
const ERA_SECONDS = 2 ** 32
/** Seconds with the top bit clear are of era 1, from 2036-02-07 (RFC 4330 §3). */
const ERA_1_BELOW = 2 ** 31

/** Undefined for what is not all of such a report. */
export const parseNtpq = (text: string): NtpqReport | undefined => {
  if (!text.endsWith('\n')) return undefined
  const lines = text.trimEnd().split(/\r?\n/)
  const heading = lines.findIndex(line => HEADING.test(line))
  const isTable = heading >= 0 && /^=+$/.test(lines[heading + 1] ?? '')
  const peers = isTable ? parsePeers(lines.slice(heading + 2)) : undefined
  const told = peers ?? (NO_PEERS.test(lines.at(-1) ?? '') ? [] : undefined)
  const system = parseVariables(lines.slice(0, heading >= 0 ? heading : undefined).join(' '))
  return system && told && { ...system, peers: told }
}

const parseVariables = (text: string): Omit<NtpqReport, 'peers'> | undefined => {
  if (!/^\s*ass(ocid|ID)=0 status=[0-9a-f]{4} /.test(text)) return undefined
  const variables = new Map<string, string>()
  for (const [, name = '', value = ''] of text
    .slice(0, VARIABLES_LIMIT)
    .matchAll(/[ ,](\w+)=("[^"]*"|[^",]*)/g)) {
    variables.set(name, value.trim())
  }
  const leap = variables.get('leap') ?? ''
  const stratum = variables.get('stratum') ?? ''
  const referenceId = variables.get('refid') ?? ''
  const stamp = /^([0-9a-f]{8})\.([0-9a-f]{8}) /.exec(`${variables.get('reftime') ?? ''} `)
  if (!/^[01]{2}$/.test(leap) || !/^(\d|1[0-6])$/.test(stratum) || !stamp) return undefined
  if (!/^[\x21-\x7e]{1,100}$/.test(referenceId)) return undefined
  const [, whole = '', fraction = ''] = stamp
  return {
    leap: Number.parseInt(leap, 2),
    stratum: Number(stratum),
    referenceId,
    referenceTime: unixSeconds(Number.parseInt(whole, 16), Number.parseInt(fraction, 16)),
  }
}

const unixSeconds = (whole: number, fraction: number): Seconds | undefined => {
  if (whole === 0 && fraction === 0) return undefined
  const era = whole < ERA_1_BELOW ? ERA_SECONDS : 0
  return whole + era - UNIX_EPOCH + fraction / ERA_SECONDS
}

/** A name that is longer than its column has a line of its own, before that of its values. */
const parsePeers = (lines: readonly string[]): readonly NtpqPeer[] | undefined => {
  const peers: NtpqPeer[] = []
  let longName: string | undefined
  for (const line of lines) {
    const whole = longName === undefined ? line : `${longName} ${line}`
    const isName = longName === undefined && /^[ x.\-+#*o][\x21-\x7e]{16,}$/.test(line)
    longName = isName ? line : undefined
    if (isName) continue
    const peer = parsePeer(whole)
    if (!peer) return undefined
    peers.push(peer)
  }
  return longName === undefined ? peers : undefined
}

const PEER_FIELDS = 10

const parsePeer = (line: string): NtpqPeer | undefined => {
  const tally = line.slice(0, 1)
  const fields = line.slice(1).split(/\s+/)
  const [remote = '', referenceId = '', stratum = '', type = '', when = '', poll = ''] = fields
  const reach = fields[6] ?? ''
  const isWhole =
    fields.length === PEER_FIELDS &&
    /^[ x.\-+#*o]$/.test(tally) &&
    /^[\x21-\x7e]{1,100}$/.test(remote) &&
    /^\d{1,2}$/.test(stratum) &&
    /^[\x21-\x7e]$/.test(type) &&
    /^(-|\d+[mhdy]?)$/.test(when) &&
    /^(-|\d+[mhdy]?)$/.test(poll) &&
    /^[0-7]{1,3}$/.test(reach)
  if (!isWhole) return undefined
  const isOwnClock = OWN_CLOCK.test(remote) || referenceId === '.LOCL.'
  return {
    tally,
    remote,
    isOwnClock,
    isHeard: when !== '-' || reach !== '0',
    isReachable: /[1-7]/.test(reach),
  }
}

/** The undisciplined clock's driver is number 1; `LOOP` and, below, 127.0.0.1 are orphan mode's. */
const OWN_CLOCK = /^(LOCAL(\(\d+\))?|LOCL|LOOP|127\.127\.1\.\d{1,3})$/
const ORPHAN = '127.0.0.1'

/** What a running ntpd says of itself. It keeps leap and stratum also when all of its servers are gone. */
export const ntpdFacts = (report: NtpqReport): TimeServiceFacts => {
  const { leap, stratum, referenceId, referenceTime, peers } = report
  const followed = peers.find(({ tally }) => tally === '*' || tally === 'o')
  const isOwn = OWN_CLOCK.test(referenceId) || (referenceId === ORPHAN && !followed)
  const isKept = leap !== 3 && stratum >= 1 && stratum <= 15
  const wasKept = isKept && !isOwn
  const since = wasKept || sinceStart(report, isOwn)
  return {
    leap,
    stratum,
    synchronized: wasKept && peers.some(peer => !peer.isOwnClock && peer.isReachable),
    ...(since !== undefined && { synchronizedSinceBoot: since }),
    ...(wasKept && referenceTime !== undefined && { lastSyncTimestamp: referenceTime }),
    source: sourceOf(report, followed, isOwn),
  }
}

/**
 * Of an ntpd that is not synchronised now: whether it has been. A stamp beside leap 3 is no evidence of it:
 * ntpd has chosen a source then, and has not set the clock by it.
 */
const sinceStart = (
  { referenceId, referenceTime, peers }: NtpqReport,
  isOwn: boolean,
): false | undefined => {
  if (isOwn) return peers.some(peer => !peer.isOwnClock && peer.isHeard) ? undefined : false
  return referenceTime === undefined && referenceId === 'INIT' ? false : undefined
}

const sourceOf = (
  { peers, referenceId }: NtpqReport,
  followed: NtpqPeer | undefined,
  isOwn: boolean,
): NonNullable<TimeServiceFacts['source']> => {
  const kind: SourceKind = isOwn ? 'own' : 'external'
  const own = referenceId === ORPHAN ? 'local clock' : referenceId
  const actual = followed?.remote ?? (isOwn ? own : undefined)
  const configured = nameList(peers.map(({ remote }) => remote))
  return {
    ...(actual !== undefined && { actual, kind }),
    configured,
  }
}
