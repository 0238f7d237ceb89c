import type { UnixNs } from '../time/units.js'
import { fromFiletime } from './filetime.js'
import { viewOf } from './view.js'

/** Byte offsets of NEGOTIATE_MESSAGE (type 1), little-endian (MS-NLMP 2.2.1.1). */
const NEGOTIATE_AT = {
  type: 8,
  flags: 12,
  /** Length u16, allocated u16, offset u32; both names are empty and lie at the end. */
  domain: 16,
  workstation: 24,
  version: 32,
} as const
const NEGOTIATE_BYTES = 40

/** Byte offsets of CHALLENGE_MESSAGE (type 2) from its signature, little-endian (MS-NLMP 2.2.1.2). */
const CHALLENGE_AT = {
  type: 8,
  targetName: 12,
  flags: 20,
  targetInfo: 40,
} as const
/** Up to the server's challenge; what follows is there where the flags say so. */
const SHORTEST_CHALLENGE = 32
const CHALLENGE_WITH_INFO = 48

/** Length u16, allocated u16, offset u32: where a field's value lies (MS-NLMP 2.2.1.2). */
const FIELD_AT = { length: 0, offset: 4 } as const
/** AV_PAIR: id, length, value (MS-NLMP 2.2.2.1). */
const PAIR_AT = { id: 0, length: 2, value: 4 } as const
const PAIR_ID = {
  end: 0,
  computer: 1,
  domain: 2,
  dnsName: 3,
  time: 7,
} as const
const FILETIME_BYTES = 8
/** Eleven kinds are defined, each at most once: a list of more pairs than this is none. */
const MAX_PAIRS = 64

/** "NTLMSSP\0" */
const SIGNATURE = Uint8Array.of(0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0)
const TYPE = { negotiate: 1, challenge: 2 } as const

/** MS-NLMP 2.2.2.5. */
const FLAG = {
  unicode: 0x0000_0001,
  oem: 0x0000_0002,
  requestTarget: 0x0000_0004,
  sign: 0x0000_0010,
  lmKey: 0x0000_0080,
  ntlm: 0x0000_0200,
  alwaysSign: 0x0000_8000,
  extendedSessionSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
  version: 0x0200_0000,
  bits128: 0x2000_0000,
  keyExchange: 0x4000_0000,
  bits56: 0x8000_0000,
} as const
/** What Windows' own clients ask for: a server has no cause to treat us in another way. */
const OFFERED = [
  FLAG.unicode,
  FLAG.oem,
  FLAG.requestTarget,
  FLAG.sign,
  FLAG.lmKey,
  FLAG.ntlm,
  FLAG.alwaysSign,
  FLAG.extendedSessionSecurity,
  FLAG.version,
  FLAG.bits128,
  FLAG.keyExchange,
  FLAG.bits56,
].reduce((all, flag) => all + flag, 0)
/** Windows 10.0.17763, NTLM revision 15 (MS-NLMP 2.2.2.10): servers only log it. */
const VERSION = Uint8Array.of(10, 0, 0x63, 0x45, 0, 0, 0, 15)

/** A DNS name has at most 253 characters, and a metric label should not be longer. */
const MAX_NAME = 255
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\u{fffd}]/gu

/** What a computer calls itself in an NTLM challenge, MS-NLMP 2.2.2.1. */
export interface NtlmIdentity {
  /** MsvAvNbComputerName. */
  readonly computer?: string
  /** MsvAvDnsComputerName. */
  readonly dnsName?: string
  /** MsvAvNbDomainName; of a server that is in no domain its own name. */
  readonly domain?: string
}

/** An NTLM challenge (type 2). */
export interface NtlmChallenge {
  readonly identity: NtlmIdentity
  /** MsvAvTimestamp: the server's clock; absent where it gives none. */
  readonly stamp?: UnixNs
}

/**
 * The first message of a logon, which names nobody (MS-NLMP 2.2.1.1). The third, which would be an
 * attempt to log on, does not exist here.
 */
export const encodeNegotiate = (): Uint8Array => {
  const bytes = new Uint8Array(NEGOTIATE_BYTES)
  const data = viewOf(bytes)
  bytes.set(SIGNATURE)
  data.setUint32(NEGOTIATE_AT.type, TYPE.negotiate, true)
  data.setUint32(NEGOTIATE_AT.flags, OFFERED, true)
  for (const field of [NEGOTIATE_AT.domain, NEGOTIATE_AT.workstation]) {
    data.setUint32(field + FIELD_AT.offset, NEGOTIATE_BYTES, true)
  }
  bytes.set(VERSION, NEGOTIATE_AT.version)
  return bytes
}

/**
 * The first whole and well-formed challenge that lies anywhere in `bytes`, since SPNEGO and CredSSP
 * wrap it; undefined where there is none, or not all of it yet. Takes any bytes. The wrapping is not
 * decoded: nothing in it is needed, and whoever can forge a challenge can wrap it too.
 */
export const decodeChallenge = (bytes: Uint8Array): NtlmChallenge | undefined => {
  let at = nextSignature(bytes, 0)
  while (at !== undefined) {
    const challenge = challengeAt(bytes.subarray(at))
    if (challenge) return challenge
    at = nextSignature(bytes, at + 1)
  }
  return undefined
}

const nextSignature = (bytes: Uint8Array, from: number): number | undefined => {
  const last = bytes.length - SHORTEST_CHALLENGE
  let at = bytes.indexOf(SIGNATURE[0] ?? 0, from)
  while (at !== -1 && at <= last) {
    const start = at
    if (SIGNATURE.every((byte, i) => bytes[start + i] === byte)) return at
    at = bytes.indexOf(SIGNATURE[0] ?? 0, at + 1)
  }
  return undefined
}

/** `bytes` start with a signature and hold at least {@link SHORTEST_CHALLENGE}. */
const challengeAt = (bytes: Uint8Array): NtlmChallenge | undefined => {
  const data = viewOf(bytes)
  if (data.getUint32(CHALLENGE_AT.type, true) !== TYPE.challenge) return undefined
  if (fieldAt(bytes, CHALLENGE_AT.targetName) === undefined) return undefined
  // Without this flag the field is to be ignored, and from before Windows 2000 it is not there at all.
  if ((data.getUint32(CHALLENGE_AT.flags, true) & FLAG.targetInfo) === 0) return { identity: {} }
  if (bytes.length < CHALLENGE_WITH_INFO) return undefined
  const info = fieldAt(bytes, CHALLENGE_AT.targetInfo)
  const pairs = info && pairsOf(info)
  return pairs && fromPairs(pairs)
}

/** A field's value; undefined where it runs past the end. Of an empty one the offset means nothing. */
const fieldAt = (bytes: Uint8Array, at: number): Uint8Array | undefined => {
  const data = viewOf(bytes)
  const length = data.getUint16(at + FIELD_AT.length, true)
  const offset = length === 0 ? 0 : data.getUint32(at + FIELD_AT.offset, true)
  return offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : undefined
}

type Pairs = ReadonlyMap<number, Uint8Array>

/**
 * The list's pairs by id, of two with one id the first. The list ends with its last byte too, where a
 * server leaves the end mark out; undefined where a pair runs past that.
 */
const pairsOf = (list: Uint8Array): Pairs | undefined => {
  const data = viewOf(list)
  const pairs = new Map<number, Uint8Array>()
  let at = 0
  for (let count = 0; count < MAX_PAIRS; count++) {
    if (at === list.length) return pairs
    if (at + PAIR_AT.value > list.length) return undefined
    const id = data.getUint16(at + PAIR_AT.id, true)
    if (id === PAIR_ID.end) return pairs
    const start = at + PAIR_AT.value
    at = start + data.getUint16(at + PAIR_AT.length, true)
    if (at > list.length) return undefined
    if (!pairs.has(id)) pairs.set(id, list.subarray(start, at))
  }
  return undefined
}

/** Undefined where what stands for the time is no FILETIME. */
const fromPairs = (pairs: Pairs): NtlmChallenge | undefined => {
  const time = pairs.get(PAIR_ID.time)
  if (time && time.length !== FILETIME_BYTES) return undefined
  const computer = nameOf(pairs.get(PAIR_ID.computer))
  const dnsName = nameOf(pairs.get(PAIR_ID.dnsName))
  const domain = nameOf(pairs.get(PAIR_ID.domain))
  return {
    identity: {
      ...(computer !== undefined && { computer }),
      ...(dnsName !== undefined && { dnsName }),
      ...(domain !== undefined && { domain }),
    },
    ...(time && { stamp: fromFiletime(viewOf(time).getBigUint64(0, true)) }),
  }
}

/** UTF-16LE, without what a label cannot show; undefined where nothing is left of it. */
const nameOf = (value: Uint8Array | undefined): string | undefined => {
  if (!value) return undefined
  // Lone surrogates come out as U+FFFD, and go with the rest.
  const printable = new TextDecoder('utf-16le').decode(value).replaceAll(UNPRINTABLE, '').trim()
  return cut(printable) || undefined
}

/** Never between the two halves of a character. */
const cut = (text: string): string => {
  if (text.length <= MAX_NAME) return text
  const splits = (text.codePointAt(MAX_NAME - 1) ?? 0) > 0xffff
  return text.slice(0, splits ? MAX_NAME - 1 : MAX_NAME).trim()
}
