import {
  type EdgeName,
  type Header,
  type Party,
  type Sending,
  SimulatedCall,
  frontEndNames,
  serverParty,
} from './simulated-call.js'
import type { Random } from './trace-text.js'

/** What a call came to, and what is to be traced of it. */
export interface Played {
  readonly call: SimulatedCall
  readonly ended: 'answered' | 'abandoned' | 'busy' | 'refused'
}

/** No call's messages go on for longer. */
export const LONGEST_CALL_MS = 8000

const HOSTED: Party = { address: 'exap.um.outlook.com:5061' }
const PARTNER: Party = { address: 'sip.fabrikam.com:5061' }

const SHARE_ABANDONED = 0.15
const SHARE_FROM_OUTSIDE = 0.25
const SHARE_BUSY = 0.1
const SHARE_FEDERATED = 0.3

const sdp = (media: string): string =>
  `v=0\no=- 0 0 IN IP4 192.0.2.101\ns=session\nc=IN IP4 192.0.2.101\nt=0 0\n${media}\n`
const OFFER = { type: 'application/sdp', body: sdp('m=audio 20000 RTP/AVP 9 8 0 101') }
const NOTIFICATION_TYPE = 'application/ms-rtc-usernotification+xml'

/** [MS-OCER] 2.2.1: what an Edge says when the Front End signed hours after now, by the Edge's clock. */
const skewed = (referrer: string, frontEnd: string): readonly Header[] => [
  [
    'ms-diagnostics',
    '1020;reason="Identity of the referrer could not be verified with the ms-identity parameter"' +
      `;ErrorType="Invalid signature";Referrer="${referrer}"` +
      ';HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";cause="Invalid signature"' +
      `;signer="${frontEnd}.contoso.com";source="sip.contoso.com"`,
  ],
  [
    'ms-edge-proxy-message-trust',
    'ms-source-type=EdgeProxyGenerated;ms-ep-fqdn=edgepool1.contoso.com;ms-source-verified-user=verified',
  ],
]

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit)
const user = (random: Random): string => `user${upTo(random, 900)}@contoso.com`
const client = (random: Random): Party => ({
  address: `192.0.2.${100 + upTo(random, 100)}:${50_000 + upTo(random, 9000)}`,
})

/** The caller's Front End, then the callee's. */
const frontEnds = (random: Random) => {
  const [one, other] = frontEndNames
  return random() < 0.5 ? ([one, other] as const) : ([other, one] as const)
}

const talk = (call: SimulatedCall, random: Random, path: readonly Party[]): void => {
  call.send('ACK', path)
  call.at += 1000 + 2000 * random()
  call.reply(call.send('BYE', path), '200 OK')
}

/** Rings for a second or two; then the callee is busy, or answers and they talk. */
export const ordinaryCall = (random: Random, edge: EdgeName): Played => {
  const [home, far] = frontEnds(random)
  const path =
    random() < SHARE_FEDERATED
      ? [client(random), serverParty(home), serverParty(edge), PARTNER]
      : [client(random), serverParty(home), serverParty(far), client(random)]
  const call = new SimulatedCall(random, `sip:${user(random)}`, `sip:${user(random)}`)
  const invite = call.send('INVITE', path, OFFER)
  call.reply(invite, '180 Ringing')
  call.at += 500 + 1500 * random()
  if (random() < SHARE_BUSY) {
    call.refuse(invite, '486 Busy Here')
    return { call, ended: 'busy' }
  }
  call.reply(invite, '200 OK', OFFER)
  talk(call, random, path)
  return { call, ended: 'answered' }
}

/**
 * Nobody answered, so the Front End sends the call on to hosted voicemail, and signs who it was for. An
 * Edge whose clock is wrong cannot believe the signature (`refuses`), except where the caller is outside:
 * what comes from there has no referrer to be verified.
 */
export const voicemailCall = (
  random: Random,
  { inBy, outBy, refuses }: { inBy: EdgeName; outBy: EdgeName; refuses: boolean },
): Played => {
  const [home] = frontEnds(random)
  const callee = user(random)
  const isFromOutside = random() < SHARE_FROM_OUTSIDE
  const from = isFromOutside ? 'sip:alice@fabrikam.com' : `sip:${user(random)}`
  const way = isFromOutside ? [PARTNER, serverParty(inBy)] : [client(random)]
  const toEdge = [...way, serverParty(home), serverParty(outBy)]
  const call = new SimulatedCall(random, from, `sip:${callee}`)
  const sending: Sending = { ...OFFER, outward: sentOn(callee, isFromOutside) }
  if (refuses && !isFromOutside) {
    const invite = call.send('INVITE', toEdge, sending)
    call.refuse(invite, '429 Provide Referrer Identity', { headers: skewed(callee, home) })
    return { call, ended: 'refused' }
  }
  const path = [...toEdge, HOSTED]
  const invite = call.send('INVITE', path, sending)
  call.reply(invite, '183 Session Progress')
  call.at += 300 + 1200 * random()
  if (random() < SHARE_ABANDONED) {
    call.cancel(invite)
    return { call, ended: 'abandoned' }
  }
  call.reply(invite, '200 OK', OFFER)
  talk(call, random, path)
  return { call, ended: 'answered' }
}

/** [MS-EUMR]: how a proxy marks a call that voicemail is to answer. */
const sentOn = (callee: string, isFromOutside: boolean): readonly Header[] => [
  ['Diversion', `<sip:${callee}>;reason=no-answer;counter=1`],
  ['Supported', 'timer, histinfo, Ms-Fe'],
  ...(isFromOutside
    ? []
    : [
        ['Referred-By', `<sip:${callee}>;ms-identity="MIIBdemo";ms-identity-alg=rsa-sha1`] as const,
      ]),
]

/** The missed-call notification, from the Front End itself: no call, and not sent on by anyone. */
export const missedCall = (random: Random, edge: EdgeName): Played => {
  const [home] = frontEnds(random)
  const path = [serverParty(home), serverParty(edge), HOSTED]
  const from = 'sip:A410AA79-D874-4e56-9B46-709BDD0EB850'
  const call = new SimulatedCall(random, from, `sip:${user(random)}`)
  const offer = sdp(`m=application 9 SIP *\na=accept-types:${NOTIFICATION_TYPE}`)
  call.reply(call.send('INVITE', path, { type: 'application/sdp', body: offer }), '200 OK')
  call.send('ACK', path)
  const body =
    '<?xml version="1.0"?>\n<UserNotification><Event type="missed"/></UserNotification>\n'
  call.reply(call.send('INFO', path, { type: NOTIFICATION_TYPE, body }), '200 OK')
  call.reply(call.send('BYE', path), '200 OK')
  return { call, ended: 'answered' }
}
