/** What a simulated server says in its CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2). */
export interface ChallengeFields {
  /** Unix nanoseconds; the time pair is left out without it. */
  readonly stamp?: bigint | undefined
  readonly computer?: string
  readonly domain?: string
  readonly dnsName?: string
  readonly dnsDomain?: string
  /** More AV pairs, before the end mark: id and value. */
  readonly more?: readonly (readonly [id: number, value: Uint8Array])[]
  readonly endMark?: boolean
  /** As Windows sets them, with the one that promises a TargetInfo. */
  readonly flags?: number
}

const HEADER = 56
const FILETIME_OF_1970 = 116_444_736_000_000_000n
export const CHALLENGE_FLAGS = 0xe289_8235

const pair = (id: number, value: Uint8Array): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, value])
}

const named = (id: number, name: string | undefined): readonly Buffer[] =>
  name === undefined ? [] : [pair(id, Buffer.from(name, 'utf16le'))]

const filetime = (stamp: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, stamp / 100n + FILETIME_OF_1970))
  return bytes
}

const targetInfo = (fields: ChallengeFields): Buffer =>
  Buffer.concat([
    ...named(2, fields.domain),
    ...named(1, fields.computer),
    ...named(4, fields.dnsDomain),
    ...named(3, fields.dnsName),
    ...(fields.stamp === undefined ? [] : [pair(7, filetime(fields.stamp))]),
    ...(fields.more ?? []).map(([id, value]) => pair(id, value)),
    ...(fields.endMark === false ? [] : [pair(0, new Uint8Array(0))]),
  ])

const field = (bytes: Buffer, at: number, length: number, offset: number): void => {
  bytes.writeUInt16LE(length, at)
  bytes.writeUInt16LE(length, at + 2)
  bytes.writeUInt32LE(offset, at + 4)
}

/** A type 2 in the layout that Windows writes: the target's name, then the AV pairs. */
export const encodeChallenge = (fields: ChallengeFields = {}): Uint8Array => {
  const name = Buffer.from(fields.domain ?? '', 'utf16le')
  const info = targetInfo(fields)
  const head = Buffer.alloc(HEADER)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(2, 8)
  field(head, 12, name.length, HEADER)
  head.writeUInt32LE(fields.flags ?? CHALLENGE_FLAGS, 20)
  head.set(Buffer.from('0123456789abcdef', 'hex'), 24)
  field(head, 40, info.length, HEADER + name.length)
  head.set([10, 0, 0x63, 0x45, 0, 0, 0, 15], 48)
  return new Uint8Array(Buffer.concat([head, name, info]))
}
