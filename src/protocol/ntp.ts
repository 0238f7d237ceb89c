import { type Interval, interval } from '../time/interval.js'
import {
  type DurationNs,
  type MonoNs,
  type UnixNs,
  durationNs,
  ppm,
  unixNs,
} from '../time/units.js'

/** Byte offsets of the NTP header, big-endian (RFC 5905 §7.3). */
const AT = {
  flags: 0,
  stratum: 1,
  poll: 2,
  precision: 3,
  rootDelay: 4,
  rootDispersion: 8,
  referenceId: 12,
  reference: 16,
  origin: 24,
  receive: 32,
  transmit: 40,
} as const

export const NTP_PORT = 123
export const HEADER_BYTES = 48
/** Header, some extension fields and a MAC; nothing that we ask for is longer. */
export const REPLY_BYTES_LIMIT = 1024
export const COOKIE_BYTES = 8

const VERSION = 4
const MODE = { client: 3, server: 4 } as const
/** What reading our monotonic clock from JavaScript costs: 2^-23 s = 119 ns (measured: 50–100 ns). */
const OUR_PRECISION = -23
/**
 * How much the two clocks may run off from each other within one exchange. RFC 5905 has PHI, 15 ppm, for
 * clocks that are kept; a watched one may not be, so 100 ppm are added.
 */
const EXCHANGE_PPM = 115
/** Coarser than a second is no clock; what lies below 2^-32 s cannot be told apart in a stamp. */
const PRECISION_RANGE = { finest: -32, coarsest: 0 } as const

/** 0 no warning, 1 last minute has 61 s, 2 last minute has 59 s, 3 not synchronised. */
export type LeapIndicator = 0 | 1 | 2 | 3

/** The fields of a reply that anyone here needs. Stamps are undefined where they are zero. */
export interface NtpPacket {
  readonly leap: LeapIndicator
  readonly version: number
  readonly mode: number
  readonly stratum: number
  /** log2 of the resolution of the server's clock in seconds. */
  readonly precision: number
  readonly rootDelay: DurationNs
  readonly rootDispersion: DurationNs
  readonly referenceId: number
  readonly origin: bigint
  /** T2, when the server's clock saw the request. */
  readonly receive: UnixNs | undefined
  /** T3, when the server's clock saw the reply off. */
  readonly transmit: UnixNs | undefined
}

/**
 * Why a datagram is thrown away while the true reply is still awaited.
 * - `length`: shorter than a header, longer than any answer to us, or not whole words
 * - `mode`: not a server's reply, or of a version that we do not speak
 * - `cookie`: does not carry the random number of our request: stale, duplicated or forged
 */
export type DiscardReason = 'length' | 'mode' | 'cookie'
export const discardReasons: readonly DiscardReason[] = ['length', 'mode', 'cookie']

/**
 * A client's request. Our clock is not in it: the transmit field carries a random cookie, which the
 * reply returns as its origin (RFC 5905 §8, data minimisation after draft-ietf-ntp-data-minimization).
 */
export const encodeRequest = (cookie: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES)
  bytes[AT.flags] = (VERSION << 3) | MODE.client
  bytes.set(cookie.subarray(0, COOKIE_BYTES), AT.transmit)
  return bytes
}

/** The reply to the request with `cookie`, or why these bytes are not it. Takes any bytes. */
export const decodeReply = (
  bytes: Uint8Array,
  cookie: Uint8Array,
): { ok: true; packet: NtpPacket } | { ok: false; reason: DiscardReason } => {
  const wholeWords = bytes.length % 4 === 0
  if (bytes.length < HEADER_BYTES || bytes.length > REPLY_BYTES_LIMIT || !wholeWords) {
    return { ok: false, reason: 'length' }
  }
  const packet = decodeHeader(bytes)
  if (packet.mode !== MODE.server || packet.version < 1 || packet.version > VERSION) {
    return { ok: false, reason: 'mode' }
  }
  if (packet.origin !== view(cookie).getBigUint64(0)) return { ok: false, reason: 'cookie' }
  return { ok: true, packet }
}

/** @throws RangeError below {@link HEADER_BYTES}; every other content decodes. */
export const decodeHeader = (bytes: Uint8Array): NtpPacket => {
  const data = view(bytes)
  const flags = data.getUint8(AT.flags)
  return {
    leap: (flags >> 6) as LeapIndicator,
    version: (flags >> 3) & 7,
    mode: flags & 7,
    stratum: data.getUint8(AT.stratum),
    precision: data.getInt8(AT.precision),
    rootDelay: shortFormat(data.getUint32(AT.rootDelay)),
    rootDispersion: shortFormat(data.getUint32(AT.rootDispersion)),
    referenceId: data.getUint32(AT.referenceId),
    origin: data.getBigUint64(AT.origin),
    receive: fromTimestamp(data.getBigUint64(AT.receive)),
    transmit: fromTimestamp(data.getBigUint64(AT.transmit)),
  }
}

/** A server's reply to `request`, for simulated servers. Stamps are cut to the format's 2^-32 s. */
export const encodeReply = (
  request: Uint8Array,
  reply: Omit<NtpPacket, 'origin' | 'version' | 'mode'>,
): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES)
  const data = view(bytes)
  data.setUint8(AT.flags, (reply.leap << 6) | (VERSION << 3) | MODE.server)
  data.setUint8(AT.stratum, reply.stratum)
  data.setInt8(AT.precision, reply.precision)
  data.setUint32(AT.rootDelay, toShortFormat(reply.rootDelay))
  data.setUint32(AT.rootDispersion, toShortFormat(reply.rootDispersion))
  data.setUint32(AT.referenceId, reply.referenceId)
  data.setBigUint64(AT.origin, view(request).getBigUint64(AT.transmit))
  data.setBigUint64(AT.receive, toTimestamp(reply.receive))
  data.setBigUint64(AT.transmit, toTimestamp(reply.transmit))
  return bytes
}

/** The four stamps of one exchange: T1 and T4 on our monotonic clock, T2 and T3 on the server's. */
export interface NtpExchange {
  readonly sent: MonoNs
  readonly received: MonoNs
  readonly packet: NtpPacket
}

/** delta = (T4 − T1) − (T3 − T2), never below 0: the time on the way, there and back. */
export const roundTrip = ({ sent, received, packet }: NtpExchange): DurationNs => {
  const inside = (packet.transmit ?? 0n) - (packet.receive ?? 0n)
  const delta = received - sent - inside
  return durationNs(delta > 0n ? delta : 0n)
}

/**
 * Where (server's clock − our monotonic clock) is, at the instant T4: [T3 − T4, T2 − T1], each end
 * moved out by eps = 2^ρ(server) + 2^ρ(ours) + drift · (T4 − T1) (RFC 5905 §8). No assumption is
 * made on how the delay splits into there and back. Undefined where the stamps are impossible:
 * missing, T3 before T2, or more time spent inside the server than the whole exchange took.
 */
export const exchangeInterval = ({ sent, received, packet }: NtpExchange): Interval | undefined => {
  const { receive, transmit, precision } = packet
  if (receive === undefined || transmit === undefined || transmit < receive) return undefined
  if (precision > PRECISION_RANGE.coarsest) return undefined
  const eps = resolution(precision) + resolution(OUR_PRECISION) + drifted(sent, received)
  const lo = transmit - received - eps
  const hi = receive - sent + eps
  return lo <= hi ? interval(lo, hi) : undefined
}

/** root delay / 2 + root dispersion: how far the server itself may be from true time (§11.2.1). */
export const rootDistance = ({ rootDelay, rootDispersion }: NtpPacket): DurationNs =>
  durationNs((rootDelay + 1n) / 2n + rootDispersion)

/** The server says of itself that its clock is not synchronised (leap 3, stratum 0 or 16 and more). */
export const isUnsynchronised = ({ leap, stratum }: NtpPacket): boolean =>
  leap === 3 || stratum === 0 || stratum >= 16

/** The kiss codes that a client has to obey (RFC 5905 §7.4). */
const kisses = ['DENY', 'RSTR', 'RATE'] as const
export type KissCode = (typeof kisses)[number]

/**
 * The kiss-o'-death that a stratum-0 packet is, else undefined. With other codes (INIT, STEP, LOCL …)
 * a server says why it is not synchronised, and its stamps are its clock.
 */
export const kissCode = ({ stratum, referenceId }: NtpPacket): KissCode | undefined =>
  stratum === 0 ? kisses.find(code => referenceIdOf(code) === referenceId) : undefined

export const referenceIdOf = (text: string): number =>
  [0, 1, 2, 3].reduce((id, i) => ((id << 8) | (text.charCodeAt(i) || 0)) >>> 0, 0)

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Rounded up: it is part of a bound. */
const resolution = (precision: number): bigint =>
  BigInt(Math.ceil(1e9 * 2 ** Math.max(PRECISION_RANGE.finest, precision)))

const drifted = (sent: MonoNs, received: MonoNs): bigint =>
  ppm(EXCHANGE_PPM, durationNs(received - sent))

const SHORT_UNIT = 1n << 16n
const NS = 1_000_000_000n
const LONG_UNIT = 1n << 32n
/** Seconds from 1900 to 1970. */
const UNIX_EPOCH = 2_208_988_800n
/** Seconds with the top bit clear are of era 1, from 2036-02-07 (RFC 4330 §3): 1968 to 2104. */
const ERA_BIT = 1n << 63n

/** 16.16 seconds, rounded up to a nanosecond: delay and dispersion are parts of a bound. */
const shortFormat = (raw: number): DurationNs =>
  durationNs((BigInt(raw) * NS + SHORT_UNIT - 1n) / SHORT_UNIT)

const toShortFormat = (d: DurationNs): number => {
  const raw = (d * SHORT_UNIT + NS - 1n) / NS
  return Number(raw < 0n ? 0n : raw > 0xffff_ffffn ? 0xffff_ffffn : raw)
}

/** The era follows from the stamp alone, so that our own clock may be wrong by years. */
const fromTimestamp = (raw: bigint): UnixNs | undefined => {
  if (raw === 0n) return undefined
  const sinceEra0 = raw & ERA_BIT ? raw : raw + (LONG_UNIT << 32n)
  return unixNs((sinceEra0 * NS) / LONG_UNIT - UNIX_EPOCH * NS)
}

const toTimestamp = (at: UnixNs | undefined): bigint =>
  at === undefined ? 0n : BigInt.asUintN(64, ((at + UNIX_EPOCH * NS) * LONG_UNIT) / NS)
