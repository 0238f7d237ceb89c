import { ask } from '../net/ask.js'
import { type Failure, failure } from '../net/failure.js'
import type { Connection, Platform } from '../net/platform.js'
import { openConnection, sniOf } from '../net/stream-client.js'
import { decodeChallenge, encodeNegotiate } from '../protocol/ntlm.js'
import { statusText } from '../protocol/ntstatus.js'
import {
  type ConnectionConfirm,
  RDP_PROTOCOL,
  TS_REQUEST_LIMIT,
  encodeConnectionRequest,
  encodeTsRequest,
  readConnectionConfirm,
  readTsRequest,
  refusalText,
} from '../protocol/rdp.js'
import { eachTime } from './each-time.js'
import { challengeReading } from './ntlm-reading.js'
import type { ProbeResult, ProbeTarget, Prober } from './prober.js'

/** A confirmation has 19 bytes. */
const CONFIRM_LIMIT = 64

/**
 * The clock of a server with Remote Desktop, from the NTLM challenge inside CredSSP, which comes before any
 * user is named; there is no second TSRequest of ours, hence no logon. Without network level
 * authentication there is no challenge: the TLS handshake alone carries no time since TLS 1.3.
 */
export const rdp: Prober<'rdp'> = {
  reasons: [
    'timeout',
    'refused',
    'unreachable',
    'dns',
    'tls',
    'protocol',
    'no_time',
    'implausible',
    'aborted',
  ],
  open: (platform, target) =>
    eachTime(platform, target.module.timeout, signal => readClock(platform, target, signal)),
}

const readClock = async (
  platform: Platform,
  target: ProbeTarget<'rdp'>,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const { port } = target.module
  const opened = await openConnection(platform, { host: target.host, port, tls: false }, signal)
  if (!opened.ok) return opened
  try {
    return await readOn(opened.connection, target, signal)
  } finally {
    opened.connection.close()
  }
}

const readOn = async (
  connection: Connection,
  target: ProbeTarget<'rdp'>,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const request = encodeConnectionRequest()
  const question = { request, read: readConnectionConfirm, limit: CONFIRM_LIMIT, signal }
  const confirmed = await ask(connection, question)
  if (!confirmed.ok) return confirmed
  const missing = withoutNla(confirmed.reply)
  if (missing) return missing
  const secured = await connection.secure({ serverName: sniOf(target), signal })
  if (!secured.ok) return secured
  return readChallenge(connection, target, secured.certificate, signal)
}

const withoutNla = (confirm: ConnectionConfirm): Failure | undefined => {
  if ('refusal' in confirm) {
    const why = refusalText(confirm.refusal)
    return failure('no_time', `the server has no network level authentication (NLA): ${why}`)
  }
  const { protocol } = confirm
  if (protocol === RDP_PROTOCOL.hybrid || protocol === RDP_PROTOCOL.hybridEx) return undefined
  return failure('no_time', 'the server does not ask for network level authentication (NLA)')
}

const readChallenge = async (
  connection: Connection,
  { module: { staleness }, trace }: ProbeTarget<'rdp'>,
  certificate: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const request = encodeTsRequest(encodeNegotiate())
  const answer = await ask(connection, {
    request,
    read: readTsRequest,
    limit: TS_REQUEST_LIMIT,
    signal,
  })
  if (!answer.ok) return answer
  const { sent, received, reply } = answer
  if (reply.errorCode !== undefined) {
    return failure('no_time', `the server refused NTLM: ${statusText(reply.errorCode)}`)
  }
  const challenge = reply.tokens && decodeChallenge(reply.tokens)
  if (!challenge) return failure('no_time', 'the server answered NTLM with no challenge')
  return challengeReading({ challenge, sent, received, staleness, certificate, trace })
}
