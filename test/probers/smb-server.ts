import { type DurationNs, type UnixNs, durationNs, unixNs } from '../../src/time/units.js'
import { type ChallengeFields, encodeChallenge } from '../peers/ntlm-challenge.js'
import {
  COMMANDS,
  type NegotiatedFields,
  type SmbReplyFields,
  commandOf,
  messageIdOf,
  negotiatedReply,
  setUpReply,
} from '../protocol/smb2-replies.js'
import type { Conversation } from '../sim/world.js'

export interface SetUp extends SmbReplyFields {
  readonly challenge?: ChallengeFields
  /** Whether its challenge has the time pair; it has when nothing is said. */
  readonly stamped?: boolean
  /** Its clock then, against the one that it had. */
  readonly jump?: DurationNs
}

export interface SmbServer {
  /** What its NEGOTIATE says in place of what an ordinary one says. */
  readonly negotiated?: NegotiatedFields
  /** Its answers to SESSION_SETUP, in their order; behind the last it closes. */
  readonly setUps?: readonly SetUp[]
  /** What its clock shows, where that is not every 100 ns. */
  readonly shown?: (clock: bigint) => UnixNs
}

/** A FILETIME of 0: a time that is not told. */
export const UNTOLD = unixNs(-11_644_473_600_000_000_000n)

/** As a FILETIME holds it. */
const ticked = (at: bigint): UnixNs => unixNs(at - (at % 100n))

/** A file server in a simulated world, with a clock to 100 ns. */
export const converseSmb =
  ({ negotiated = {}, setUps = [{}, {}, {}], shown = ticked }: SmbServer = {}) =>
  (): Conversation => {
    let next = 0
    return (request, clock) => {
      const messageId = messageIdOf(request)
      if (commandOf(request) === COMMANDS.negotiate) {
        return [negotiatedReply({ systemTime: shown(clock), ...negotiated })]
      }
      const setUp = setUps[next++]
      if (!setUp) return undefined
      const { challenge, stamped = true, jump = durationNs(0n), ...fields } = setUp
      const stamp = stamped ? { stamp: shown(clock + jump) } : {}
      const token = encodeChallenge({ ...stamp, computer: 'EDGE01', ...challenge })
      return [setUpReply(token, { messageId, ...fields })]
    }
  }
