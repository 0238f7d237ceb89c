import { encodeNegotiate } from '../../src/protocol/ntlm.js'
import { readSmbNegotiated, readSmbSetUp } from '../../src/protocol/smb2.js'
import { spnegoOfNtlm } from '../../src/protocol/spnego.js'
import { unixNs } from '../../src/time/units.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { STATUS, negotiatedReply, setUpReply, smbReply } from '../protocol/smb2-replies.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const NOW = unixNs(1_795_410_000_500_000_000n)
const interim = smbReply({ command: 1, messageId: 1, status: STATUS.pending })
const challenge = encodeChallenge({ stamp: NOW, computer: 'EDGE01', domain: 'CONTOSO' })
const setUp = setUpReply(challenge)

const isNumber = (value: number, limit: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < limit

const checkCommon = (reply: { readonly status: number; readonly credits: number }): void => {
  check(isNumber(reply.status, 2 ** 32), `status ${reply.status}`)
  // 16 bits a message, of which there may be four interim ones and the answer.
  check(isNumber(reply.credits, 2 ** 16 * 5), `${reply.credits} credits`)
}

/** What a file server answers. */
export const smbKinds: Readonly<Record<string, Kind>> = {
  smb: {
    valid: [
      negotiatedReply({ systemTime: NOW }),
      negotiatedReply({ systemTime: NOW, startTime: NOW }),
      smbReply({ status: STATUS.notSupported }),
      setUp,
      setUpReply(spnegoOfNtlm(encodeNegotiate())),
      Buffer.concat([interim, interim, setUp]),
    ].map(bytes => Buffer.from(bytes).toString('latin1')),
    run: input => {
      const bytes = Buffer.from(input, 'latin1')
      const negotiated = readSmbNegotiated(bytes)
      if (negotiated?.ok) {
        checkCommon(negotiated.reply)
        const { systemTime, startTime, status } = negotiated.reply
        check(status === 0 || (systemTime ?? startTime) === undefined, 'a time of an error')
      }
      const read = readSmbSetUp(bytes, 1)
      if (!read?.ok) return
      checkCommon(read.reply)
      const { token, status } = read.reply
      check((status === STATUS.moreProcessing) === (token !== undefined), 'a token of an error')
      check((token?.length ?? 0) < bytes.length, 'a token outside')
    },
  },
}
