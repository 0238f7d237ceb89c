import { DER, DER_HEAD_BYTES, derElement, derElementAt } from './der.js'
import { viewOf } from './view.js'
import type { Whole } from './whole.js'

/** Byte offsets of a TPKT header, big-endian (RFC 1006 §6), and of the X.224 unit in it (X.224 §13.3). */
const TPKT_AT = { version: 0, length: 2, unitLength: 4, code: 5, negotiation: 11 } as const
/** Byte offsets of what RDP negotiates at the end of it, little-endian (MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1–2). */
const NEGOTIATION_AT = { type: 11, length: 13, value: 15 } as const
const TPKT_VERSION = 3
const TPKT_BYTES = 4
/** Whole, with and without what is negotiated. */
const CONFIRM_BYTES = { plain: 11, negotiated: 19 } as const
const NEGOTIATION_BYTES = 8
/** The upper half of an X.224 unit's code. */
const CODE = { request: 0xe0, confirm: 0xd0, mask: 0xf0 } as const
const TYPE = { request: 1, response: 2, failure: 3 } as const

/** What both sides may speak after it (MS-RDPBCGR 2.2.1.1.1); bits of the request, one in the answer. */
export const RDP_PROTOCOL = {
  standard: 0,
  tls: 1,
  /** TLS with CredSSP in it: what is called network level authentication. */
  hybrid: 2,
  /** The same, with a word on the user after it. */
  hybridEx: 8,
} as const

/** Why a server wants none of what was asked for, MS-RDPBCGR 2.2.1.2.2. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [1, 'it insists on TLS'],
  [2, 'it allows its own security only'],
  [3, 'it has no certificate'],
  [4, 'it does not understand the request'],
  [5, 'it insists on CredSSP'],
  [6, 'it wants a certificate of the client'],
])
/** For people. */
export const refusalText = (code: number): string => REFUSALS.get(code) ?? `it says ${code}`

/** What the server chose, or why it chose nothing. */
export type ConnectionConfirm = { readonly protocol: number } | { readonly refusal: number }

/** X.224 Connection Request for TLS and CredSSP, with no cookie and no user in it (MS-RDPBCGR 2.2.1.1). */
export const encodeConnectionRequest = (): Uint8Array => {
  const bytes = new Uint8Array(CONFIRM_BYTES.negotiated)
  const view = viewOf(bytes)
  bytes[TPKT_AT.version] = TPKT_VERSION
  view.setUint16(TPKT_AT.length, bytes.length)
  bytes[TPKT_AT.unitLength] = bytes.length - TPKT_BYTES - 1
  bytes[TPKT_AT.code] = CODE.request
  bytes[NEGOTIATION_AT.type] = TYPE.request
  view.setUint16(NEGOTIATION_AT.length, NEGOTIATION_BYTES, true)
  view.setUint32(NEGOTIATION_AT.value, RDP_PROTOCOL.tls | RDP_PROTOCOL.hybrid, true)
  return bytes
}

const bad = (detail: string) => ({ ok: false, detail }) as const

/** X.224 Connection Confirm (MS-RDPBCGR 2.2.1.2). Takes any bytes. */
export const readConnectionConfirm = (bytes: Uint8Array): Whole<ConnectionConfirm> => {
  if ((bytes[TPKT_AT.version] ?? TPKT_VERSION) !== TPKT_VERSION) return bad('not RDP')
  if (bytes.length < TPKT_BYTES) return undefined
  const view = viewOf(bytes)
  const length = view.getUint16(TPKT_AT.length)
  if (length !== CONFIRM_BYTES.plain && length !== CONFIRM_BYTES.negotiated) {
    return bad(`no confirmation has ${length} bytes`)
  }
  if (bytes.length < length) return undefined
  const isConfirm = ((bytes[TPKT_AT.code] ?? 0) & CODE.mask) === CODE.confirm
  // TLS begins with our word: whatever follows is no part of it.
  if (!isConfirm || bytes.length > length || bytes[TPKT_AT.unitLength] !== length - 5) {
    return bad('not the answer to an RDP connection request')
  }
  // A server from before there was anything to choose.
  if (length === CONFIRM_BYTES.plain) return chosen(RDP_PROTOCOL.standard)
  if (view.getUint16(NEGOTIATION_AT.length, true) !== NEGOTIATION_BYTES) return bad('not RDP')
  const value = view.getUint32(NEGOTIATION_AT.value, true)
  const type = bytes[NEGOTIATION_AT.type]
  if (type === TYPE.response) return chosen(value)
  return type === TYPE.failure
    ? { ok: true, reply: { refusal: value } }
    : bad('neither chooses a protocol nor refuses')
}

const chosen = (protocol: number) => ({ ok: true, reply: { protocol } }) as const

/** MS-CSSP 2.2.1: the newest version there is; the server answers with what it knows. */
const CSSP_VERSION = 6
/** Numbers of TSRequest's elements, MS-CSSP 2.2.1. */
const ELEMENT = { version: 0, negoTokens: 1, errorCode: 4 } as const
/** The longest TSRequest that is taken; a challenge has some 200 bytes. */
export const TS_REQUEST_LIMIT = 64 * 1024
const MAX_ELEMENTS = 8

/** What a server answers in CredSSP. */
export interface TsRequest {
  /** NegoData: one token or more, in DER still. */
  readonly tokens?: Uint8Array
  /** NTSTATUS: it ends the logon with that. */
  readonly errorCode?: number
}

/** TSRequest with one token (MS-CSSP 2.2.1, NegoData 2.2.1.1). */
export const encodeTsRequest = (token: Uint8Array): Uint8Array => {
  const inner = derElement(DER.context(0), derElement(DER.octets, token))
  return derElement(
    DER.sequence,
    derElement(DER.context(ELEMENT.version), derElement(DER.integer, [CSSP_VERSION])),
    derElement(
      DER.context(ELEMENT.negoTokens),
      derElement(DER.sequence, derElement(DER.sequence, inner)),
    ),
  )
}

/** The first TSRequest, whole. Takes any bytes. */
export const readTsRequest = (bytes: Uint8Array): Whole<TsRequest> => {
  if ((bytes[0] ?? DER.sequence) !== DER.sequence) return bad('not CredSSP')
  if (bytes.length < DER_HEAD_BYTES) return undefined
  const whole = derElementAt(bytes, 0)
  if (!whole || whole.to > TS_REQUEST_LIMIT) return bad('a CredSSP message of no possible length')
  if (bytes.length < whole.to) return undefined
  const elements = elementsOf(bytes, whole)
  // No version of it is without one.
  if (!elements?.has(ELEMENT.version)) return bad('not CredSSP')
  const tokens = elements.get(ELEMENT.negoTokens)
  const error = elements.get(ELEMENT.errorCode)
  const errorCode = error && integerOf(error)
  return {
    ok: true,
    reply: { ...(tokens && { tokens }), ...(errorCode !== undefined && { errorCode }) },
  }
}

/** Contents of a sequence's elements by their number; undefined where one runs past the end. */
const elementsOf = (
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): ReadonlyMap<number, Uint8Array> | undefined => {
  const elements = new Map<number, Uint8Array>()
  let at = from
  while (at < to && elements.size < MAX_ELEMENTS) {
    const element = derElementAt(bytes, at, to)
    if (!element || element.to > to) return undefined
    const number = element.tag - DER.context(0)
    if (elements.has(number)) return undefined
    elements.set(number, bytes.subarray(element.from, element.to))
    at = element.to
  }
  return elements
}

/** 32 bits of an INTEGER, whatever their sign: an NTSTATUS is written as either. */
const integerOf = (bytes: Uint8Array): number | undefined => {
  const element = derElementAt(bytes, 0)
  if (element?.tag !== DER.integer || element.to > bytes.length) return undefined
  const digits = bytes.subarray(Math.max(element.from, element.to - 4), element.to)
  let value = 0
  for (const digit of digits) value = (value << 8) | digit
  return value >>> 0
}
