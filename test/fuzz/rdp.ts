import { encodeNegotiate } from '../../src/protocol/ntlm.js'
import {
  TS_REQUEST_LIMIT,
  encodeConnectionRequest,
  encodeTsRequest,
  readConnectionConfirm,
  readTsRequest,
} from '../../src/protocol/rdp.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { connectionConfirm, tsReply } from '../protocol/rdp-replies.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const token = encodeChallenge({
  stamp: 1_795_410_000_000_000_000n,
  computer: 'EDGE01',
  domain: 'CONTOSO',
})

const isWord = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32

/** What a server of Remote Desktop answers. */
export const rdpKinds: Readonly<Record<string, Kind>> = {
  rdp: {
    valid: [
      connectionConfirm(2),
      connectionConfirm(undefined),
      connectionConfirm(5, { type: 3 }),
      encodeConnectionRequest(),
      tsReply({ token }),
      tsReply({ token, errorCode: 0xc000_0022 }),
      encodeTsRequest(encodeNegotiate()),
    ].map(bytes => Buffer.from(bytes).toString('latin1')),
    run: input => {
      const bytes = Buffer.from(input, 'latin1')
      const confirm = readConnectionConfirm(bytes)
      if (confirm?.ok) {
        const { reply } = confirm
        check(isWord('protocol' in reply ? reply.protocol : reply.refusal), 'not a number')
        check(bytes.length <= 19, 'a confirmation with more behind it')
      }
      const read = readTsRequest(bytes)
      check(read !== undefined || bytes.length < TS_REQUEST_LIMIT, 'more than a whole one')
      if (!read?.ok) return
      check(isWord(read.reply.errorCode ?? 0), 'no error number')
      check((read.reply.tokens?.length ?? 0) < bytes.length, 'tokens outside')
    },
  },
}
