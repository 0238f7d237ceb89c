import { NOTIFICATION_XML, notificationSdp, SDP_TYPE } from './bodies.js'
import type { Call } from './call.js'
import { exumFailed, plain } from './diagnostics.js'
import type { Leg } from './leg.js'
import { allMarkers, clientMarkers, requestMarkers } from './markers.js'
import type { Header } from './message.js'
import { endpoint } from './parties.js'
import type { Scenario } from './scenario.js'

const ROUTER: Header = ['Server', 'ExumRouting/6.0.9319.0']
const CHALLENGE: Header = ['Proxy-Authenticate', 'Kerberos realm="SIP", targetname="sip/fe1"']

const throughGood = (call: Call) => [call.cast.home, call.cast.good, call.hosted]
const through = (call: Call) => [call.cast.home, call.cast.edge, call.hosted]

/** The callee's phone rings for a while, then the Front End gives up on it. */
export const ringInVain = (call: Call): Leg => {
  const front = call.invite([call.cast.home]).trying()
  const phone = front.onward([call.cast.far, call.callee]).reply(180)
  phone.at += 3000
  phone.cancel().reply(487).acknowledge()
  front.at = phone.at
  return front
}

/** Voicemail calls that are answered, abandoned, or of which the end is not in the trace. */
export const voicemailCalls: readonly Scenario[] = [
  {
    name: 'answered',
    weight: 50,
    markers: allMarkers,
    expect: { um: 'answered' },
    play: call => {
      call.answer(call.invite(through(call)).trying(), through(call))
      call.hangUp(through(call))
    },
  },
  {
    name: 'answered, and only the answer says that it is voicemail',
    weight: 6,
    expect: { um: 'answered' },
    play: call =>
      call.answer(call.invite(throughGood(call)), throughGood(call), { headers: [ROUTER] }),
  },
  {
    name: 'challenged, then answered',
    weight: 12,
    markers: clientMarkers,
    expect: { um: 'answered' },
    play: call => {
      call.refuse(call.invite([call.cast.home]), 407, { headers: [CHALLENGE] })
      call.answer(call.invite(throughGood(call)), throughGood(call))
    },
  },
  {
    name: 'progress with diagnostics, then answered',
    weight: 10,
    markers: allMarkers,
    expect: { um: 'answered' },
    play: call => {
      const leg = call.invite(throughGood(call)).trying()
      leg.reply(183, { headers: [call.says(plain('12006', 'Trying next hop'))] })
      leg.reply(181, { headers: [call.says(plain('13005', 'Forwarded'))] })
      call.answer(leg, throughGood(call))
    },
  },
  {
    name: 'voicemail after nobody answered',
    weight: 12,
    markers: requestMarkers.slice(1, 3),
    expect: { um: 'answered' },
    play: call => {
      const front = ringInVain(call)
      const voicemail = front.onward([call.cast.good, call.hosted]).reply(200)
      front.at = voicemail.at
      call.answer(front, throughGood(call))
      call.hangUp(throughGood(call))
    },
  },
  {
    name: 'a caller from outside, in by one Edge and out by the skewed one',
    weight: 14,
    markers: requestMarkers.slice(2, 5),
    expect: { um: 'answered' },
    play: call => {
      const { home, good, skewed } = call.cast
      const outside = endpoint('outside', 'sip.fabrikam.com:5061')
      const path = [outside, good, home, skewed, call.hosted]
      const leg = call.invite(path).trying()
      call.answer(leg, path)
    },
  },
  {
    name: 'redirected: the caller follows, answered',
    weight: 5,
    markers: clientMarkers,
    expect: { um: 'answered' },
    play: call => {
      const contact: Header = ['Contact', '<sip:bob@exap.um.outlook.com>']
      call.refuse(call.invite([call.cast.home]), 303, { headers: [contact, ROUTER] })
      call.answer(call.invite(throughGood(call)), throughGood(call))
    },
  },
  {
    name: 'redirected inside: the Front End follows, answered',
    weight: 5,
    markers: requestMarkers,
    expect: { um: 'answered' },
    play: call => {
      const { home, far, good } = call.cast
      const front = call.invite([home]).trying()
      const router = front.onward([far]).reply(302, { headers: [ROUTER] })
      router.acknowledge()
      front.at = front.onward([good, call.hosted], router.at).reply(200).at
      call.answer(front, throughGood(call))
    },
  },
  {
    name: 'redirected, and the caller does not follow',
    weight: 2,
    markers: clientMarkers,
    expect: { um: 'unresolved' },
    play: call => call.refuse(call.invite([call.cast.home]), 302, { headers: [ROUTER] }),
  },
  {
    name: 'abandoned',
    weight: 9,
    markers: allMarkers,
    expect: { um: 'abandoned' },
    play: call => {
      const leg = call.invite(through(call)).trying()
      leg.reply(183)
      leg.at += 2000
      call.refuse(leg.cancel(), 487)
    },
  },
  {
    name: 'abandoned by the response that says it is voicemail',
    weight: 2,
    expect: { um: 'abandoned' },
    play: call => {
      const leg = call.invite(throughGood(call)).reply(180)
      leg.at += 1000
      call.refuse(leg.cancel(), 487, { headers: [call.says(exumFailed)] })
    },
  },
  {
    name: 'cancelled, and nothing more was traced',
    weight: 2,
    markers: allMarkers,
    expect: { um: 'abandoned' },
    play: call => void call.invite(throughGood(call)).trying().cancel(),
  },
  {
    name: 'no final response in the trace',
    weight: 4,
    markers: allMarkers,
    expect: { um: 'unresolved' },
    play: call => {
      const leg = call.invite(through(call)).trying()
      leg.reply(183, { headers: [call.says(plain('12006', 'Trying next hop'))] })
    },
  },
  {
    name: 'a missed-call notification, by its offer and its INFO',
    weight: 6,
    markers: requestMarkers,
    expect: { um: 'none' },
    play: call => {
      const offer = { contentType: SDP_TYPE, body: notificationSdp('192.0.2.11') }
      call.answer(call.invite(through(call), offer), through(call))
      call.notify(through(call), NOTIFICATION_XML)
      call.hangUp(through(call))
    },
  },
  {
    name: 'a missed-call notification, by its INFO alone',
    weight: 3,
    markers: requestMarkers,
    expect: { um: 'none' },
    play: call => {
      call.answer(call.invite(through(call)), through(call))
      call.notify(through(call), NOTIFICATION_XML)
    },
  },
]
