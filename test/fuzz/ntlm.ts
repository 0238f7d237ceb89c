import { decodeChallenge, encodeNegotiate } from '../../src/protocol/ntlm.js'
import { authChallenges } from '../../src/protocol/www-authenticate.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const names = { computer: 'EDGE01', domain: 'EDGE', dnsName: 'edge01.example.org' }
const challenges: readonly Uint8Array[] = [
  encodeChallenge({ ...names, dnsDomain: 'example.org', stamp: 1_700_000_000_123_456_700n }),
  encodeChallenge({ stamp: 1_700_000_000_000_000_000n }),
  encodeChallenge({ ...names, computer: 'MÜNCHEN😀', endMark: false }),
  encodeChallenge({ more: [[9, new Uint8Array(300)]], stamp: 0n }),
  encodeChallenge(),
]

const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u
const FILETIMES = { first: -11_644_473_600_000_000_000n, count: 1n << 64n }

const readChallenge = (input: string): void => {
  const bytes = Buffer.from(input, 'latin1')
  const decoded = decodeChallenge(bytes)
  if (!decoded) return
  check(bytes.includes('NTLMSSP\0\x02\0\0\0', 0, 'latin1'), 'a challenge out of nothing')
  const { identity, stamp } = decoded
  for (const name of Object.values(identity)) {
    check(PRINTABLE.test(name) && name.length <= 255 && name === name.trim(), 'no label')
  }
  if (stamp === undefined) return
  const ticks = (stamp - FILETIMES.first) / 100n
  check(stamp % 100n === 0n && ticks >= 0n && ticks < FILETIMES.count, 'no FILETIME')
}

/** As many as the reader of heads lets through. */
const MAX_FIELDS = 256

const readOffers = (input: string): void => {
  const found = authChallenges(input.split('\n', MAX_FIELDS))
  check(found.length <= input.length, 'more schemes than characters')
  for (const { scheme, token } of found) {
    check(scheme === scheme.toLowerCase() && /^[^\s",]+$/.test(scheme), 'no scheme')
    check(token === undefined || /^[^\s",]+$/.test(token), 'no token')
  }
}

const base64 = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? []).toString('base64')

/** What a server with Windows authentication says before anyone has logged on. */
export const ntlmKinds: Readonly<Record<string, Kind>> = {
  ntlm: {
    valid: [
      ...challenges,
      encodeNegotiate(),
      Buffer.concat([Buffer.from('a182011530820111a0030a0101a30c', 'hex'), ...challenges]),
    ].map(bytes => Buffer.from(bytes).toString('latin1')),
    run: readChallenge,
  },
  authenticate: {
    valid: [
      'Negotiate\nNTLM',
      `Negotiate ${base64(challenges[0])}`,
      `NTLM ${base64(challenges[1])}, Negotiate`,
      'Basic realm="a, \\"b\\"", charset="UTF-8", Digest qop="auth,auth-int", nonce=abc=, NTLM',
    ],
    run: readOffers,
  },
}
