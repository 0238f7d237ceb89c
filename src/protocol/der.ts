/** One element of DER, X.690 §8.1: where its contents are. */
export interface DerElement {
  readonly tag: number
  readonly from: number
  /** May lie beyond the bytes at hand. */
  readonly to: number
}

/** Identifier octets, X.690 §8.1.2. */
export const DER = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  application0: 0x60,
  context: (number: number): number => 0xa0 + number,
} as const

/** Length octets, X.690 §8.1.3: this bit set, the others count the octets that follow. */
const LONG_FORM = 0x80
/** A length of more octets is above anything's that is read here. */
const MAX_LENGTH_OCTETS = 4
/** The longest head that can be read. */
export const DER_HEAD_BYTES = 2 + MAX_LENGTH_OCTETS

/**
 * The element whose identifier is at `at`; undefined where its head is not whole before `end`, or has
 * no length that DER allows. Identifiers of more than one octet are not told apart: none is used here.
 */
export const derElementAt = (
  bytes: Uint8Array,
  at: number,
  end = bytes.length,
): DerElement | undefined => {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || at + 2 > end) return undefined
  if (first < LONG_FORM) return { tag, from: at + 2, to: at + 2 + first }
  const octets = first - LONG_FORM
  const from = at + 2 + octets
  if (octets === 0 || octets > MAX_LENGTH_OCTETS || from > end) return undefined
  let length = 0
  for (const octet of bytes.subarray(at + 2, from)) length = length * 256 + octet
  return { tag, from, to: from + length }
}

/** An element of what others make up; lengths of one octet are all that we write. @throws RangeError above. */
export const derElement = (tag: number, ...contents: readonly Iterable<number>[]): Uint8Array => {
  const content = contents.flatMap(part => Array.from(part))
  if (content.length >= LONG_FORM) throw new RangeError(`${content.length} bytes in one element`)
  return Uint8Array.of(tag, content.length, ...content)
}
