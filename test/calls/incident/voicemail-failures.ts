import { notificationSdp, SDP_TYPE } from './bodies.js'
import type { Call } from './call.js'
import {
  DATE_SKEWED_RESULT,
  type Diagnostic,
  exumFailed,
  plain,
  publicHeader,
  referrerSkewed,
  referrerSkewedSubcode,
  referrerTimeSkew,
  referrerUnverified,
  wrapper,
} from './diagnostics.js'
import type { Leg } from './leg.js'
import { clientMarkers, requestMarkers } from './markers.js'
import type { Header } from './message.js'
import type { Scenario } from './scenario.js'
import { ringInVain } from './voicemail.js'

const EDGE_SAYS: Header = [
  'ms-edge-proxy-message-trust',
  'ms-source-type=EdgeProxyGenerated;ms-ep-fqdn=edgepool1.contoso.com;ms-source-verified-user=verified',
]
const DIAG = { text: 'Referrer identity is not valid', resultCode: DATE_SKEWED_RESULT }
const CHALLENGE: Header = ['Proxy-Authenticate', 'NTLM realm="SIP", targetname="fe2"']

const SKEW = '429|1020|clock_skew'
const AT_SKEWED = `skewed|${SKEW}`

const throughGood = (call: Call) => [call.cast.home, call.cast.good, call.hosted]

/** The skewed Edge cannot believe who sent the call on. */
const refusedForSkew = (call: Call, leg: Leg, diagnostic: Diagnostic = referrerSkewed): void =>
  call.refuse(leg, 429, { headers: [call.says(diagnostic), EDGE_SAYS], diag: DIAG })

const toSkewed = (call: Call): Leg => call.invite([call.cast.home, call.cast.skewed]).trying()

/** The Front End hides it: 480 with a wrapper, alone or beside what it wraps. */
const hiddenSkew = (call: Call, front: Leg, beside: readonly Header[]): void => {
  const behind = front.onward([call.cast.skewed])
  behind.reply(429, { headers: [EDGE_SAYS, call.says(referrerSkewed)], diag: DIAG }).acknowledge()
  front.at = behind.at
  call.refuse(front, 480, { headers: [call.says(wrapper), ...beside] })
}

/** Voicemail calls that fail because one Edge's clock is wrong. */
export const skewFailures: readonly Scenario[] = [
  {
    name: 'refused by the skewed Edge',
    weight: 24,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => refusedForSkew(call, toSkewed(call)),
  },
  {
    name: 'refused with a sub-code, and told twice',
    weight: 4,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => {
      const outer = publicHeader(referrerSkewedSubcode, call.random)
      const headers = [outer, call.says(wrapper), call.says(referrerSkewedSubcode)]
      call.refuse(toSkewed(call), 429, { headers, diag: DIAG })
    },
  },
  {
    name: "refused with another skew's name",
    weight: 3,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => refusedForSkew(call, toSkewed(call), referrerTimeSkew),
  },
  {
    name: 'refused by the skewed Edge, hidden by the Front End',
    weight: 14,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => hiddenSkew(call, call.invite([call.cast.home]).trying(), []),
  },
  {
    name: 'hidden by the Front End, which also says what it hides',
    weight: 3,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call =>
      hiddenSkew(call, call.invite([call.cast.home]), [call.says(plain('1007', 'No route now'))]),
  },
  {
    name: 'nobody answered, then refused by the skewed Edge',
    weight: 6,
    markers: requestMarkers.slice(1, 3),
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => hiddenSkew(call, ringInVain(call), []),
  },
  {
    name: 'challenged, then refused by the skewed Edge',
    weight: 8,
    markers: clientMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => {
      call.refuse(call.invite([call.cast.home]), 407, { headers: [CHALLENGE] })
      refusedForSkew(call, toSkewed(call))
    },
  },
  {
    name: 'redirected, then refused by the skewed Edge',
    weight: 3,
    markers: clientMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => {
      call.refuse(call.invite([call.cast.home]), 302)
      refusedForSkew(call, toSkewed(call))
    },
  },
  {
    name: 'refused by the skewed Edge, tried again by the other: answered',
    weight: 4,
    markers: clientMarkers,
    expect: { um: 'answered', sipFailures: [AT_SKEWED] },
    play: call => {
      refusedForSkew(call, toSkewed(call))
      call.answer(call.invite(throughGood(call)), throughGood(call))
    },
  },
  {
    name: 'unavailable, tried again, then refused by the skewed Edge',
    weight: 2,
    markers: clientMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: ['good|503|1007|routing', AT_SKEWED] },
    play: call => {
      const headers = [call.says(plain('1007', 'Temporarily cannot route'))]
      call.refuse(call.invite([call.cast.home, call.cast.good]), 503, { headers })
      refusedForSkew(call, toSkewed(call))
    },
  },
  {
    name: 'refused by the skewed Edge, tried again, then forbidden',
    weight: 2,
    markers: clientMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED, 'home|403||other'] },
    play: call => {
      refusedForSkew(call, toSkewed(call))
      call.refuse(call.invite([call.cast.home]), 403)
    },
  },
  {
    name: 'both of two ways failed, one by the skewed Edge',
    weight: 4,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: SKEW, sipFailures: [AT_SKEWED] },
    play: call => {
      const { home, good, skewed } = call.cast
      const front = call.invite([home]).trying()
      const one = front.onward([good, call.hosted])
      const two = front.onward([skewed], front.at + 5)
      const silent = [call.says(plain('1036', 'Peer gave no diagnostics'))]
      one.reply(503, { headers: silent }).acknowledge()
      two.reply(429, { headers: [call.says(referrerSkewed)], diag: DIAG }).acknowledge()
      front.at = Math.max(one.at, two.at)
      call.refuse(front, 503, { headers: [call.says(exumFailed)] })
    },
  },
  {
    name: 'a missed-call notification, refused by the skewed Edge',
    weight: 4,
    markers: requestMarkers,
    expect: { um: 'none', sipFailures: [AT_SKEWED] },
    play: call => {
      const offer = { contentType: SDP_TYPE, body: notificationSdp('192.0.2.12') }
      refusedForSkew(call, call.invite([call.cast.home, call.cast.skewed], offer))
    },
  },
  {
    name: 'refused by the skewed Edge with a signature that is bad whatever the time',
    weight: 4,
    markers: requestMarkers,
    expect: {
      um: 'failed',
      umFailure: '429|1020|identity',
      sipFailures: ['skewed|429|1020|identity'],
    },
    play: call =>
      call.refuse(toSkewed(call), 429, { headers: [call.says(referrerUnverified), EDGE_SAYS] }),
  },
]
