import type { Call } from './call.js'
import { exumFailed, plain, referrerUnverified } from './diagnostics.js'
import { allMarkers, clientMarkers, hostedPeer, hostedUri, requestMarkers } from './markers.js'
import type { Header } from './message.js'
import type { Scenario } from './scenario.js'

const CHALLENGE: Header = ['Proxy-Authenticate', 'NTLM realm="SIP", targetname="fe1"']
const ROUTER: Header = ['Server', 'ExumRouting/6.0.9319.0']

const throughGood = (call: Call) => [call.cast.home, call.cast.good, call.hosted]

/** Voicemail calls that fail, or have something in them that fails, for another reason. */
export const otherVoicemailFailures: readonly Scenario[] = [
  {
    name: 'no such identity',
    weight: 4,
    markers: requestMarkers,
    expect: {
      um: 'failed',
      umFailure: '429|1020|identity',
      sipFailures: ['good|429|1020|identity'],
    },
    play: call => {
      const leg = call.invite([call.cast.home, call.cast.good])
      call.refuse(leg, 429, { headers: [call.says(referrerUnverified)] })
    },
  },
  {
    name: 'the router fails, and only its diagnostics say that it is voicemail',
    weight: 7,
    expect: {
      um: 'failed',
      umFailure: '500|15030|um_routing',
      sipFailures: ['home|500|15030|um_routing'],
    },
    play: call =>
      call.refuse(call.invite([call.cast.home]).trying(), 500, {
        headers: [call.says(exumFailed)],
        diag: { text: 'Failed to route to Exchange Server' },
      }),
  },
  {
    name: 'the router fails, named by appName alone',
    weight: 3,
    expect: {
      um: 'failed',
      umFailure: '500|15000|um_routing',
      sipFailures: ['home|500|15000|um_routing'],
    },
    play: call => {
      const said = plain('15000', 'Unable to read the user', [['appName', 'ExumRouting']])
      call.refuse(call.invite([call.cast.home]), 500, { headers: [call.says(said)] })
    },
  },
  {
    name: 'the router fails, named by its dial plan alone',
    weight: 2,
    expect: {
      um: 'failed',
      umFailure: '404|15012|um_routing',
      sipFailures: ['home|404|15012|um_routing'],
    },
    play: call => {
      const plan = ['dialplan', 'Hosted__exap.um.outlook.com__contoso.com'] as const
      const said = plain('15012', 'No server', [plan])
      call.refuse(call.invite([call.cast.home]), 404, { headers: [call.says(said)] })
    },
  },
  {
    name: 'the router fails, named by its Server header alone',
    weight: 2,
    expect: { um: 'failed', umFailure: '480||other', sipFailures: ['home|480||other'] },
    play: call => call.refuse(call.invite([call.cast.home]), 480, { headers: [ROUTER] }),
  },
  {
    name: 'hosted voicemail is not reached',
    weight: 4,
    markers: requestMarkers,
    expect: {
      um: 'failed',
      umFailure: '504|1038|network',
      sipFailures: ['edge|504|1038|network'],
    },
    play: call => {
      const headers = [call.says(plain('1038', 'Failed to connect to a peer'))]
      const diag = { text: 'Connection failed', resultCode: '0x8007274C WSAETIMEDOUT' }
      call.refuse(call.invite([call.cast.home, call.cast.edge]), 504, { headers, diag })
    },
  },
  {
    name: 'forbidden without diagnostics',
    weight: 4,
    markers: clientMarkers,
    expect: { um: 'failed', umFailure: '403||other', sipFailures: ['home|403||other'] },
    play: call => call.refuse(call.invite([call.cast.home]), 403),
  },
  {
    name: 'declined far away, with an id that no catalogue has',
    weight: 2,
    markers: allMarkers,
    expect: { um: 'failed', umFailure: '603|other|other', sipFailures: ['good|603|other|other'] },
    play: call => {
      const headers = [call.says(plain('24017', 'Not in any catalogue'))]
      call.refuse(call.invite(throughGood(call)), 603, { headers })
    },
  },
  {
    name: 'challenged, and the caller gives up',
    weight: 3,
    markers: clientMarkers,
    expect: {
      um: 'failed',
      umFailure: '407||authentication',
      sipFailures: ['home|407||authentication'],
    },
    play: call => call.refuse(call.invite([call.cast.home]), 407, { headers: [CHALLENGE] }),
  },
  {
    name: 'challenged, then the router fails',
    weight: 3,
    expect: {
      um: 'failed',
      umFailure: '500|15030|um_routing',
      sipFailures: ['home|500|15030|um_routing'],
    },
    play: call => {
      call.refuse(call.invite([call.cast.home]), 407, { headers: [CHALLENGE] })
      call.refuse(call.invite([call.cast.home]), 500, { headers: [call.says(exumFailed)] })
    },
  },
  {
    name: 'unavailable, tried again: answered',
    weight: 6,
    markers: clientMarkers,
    expect: { um: 'answered', sipFailures: ['edge|503|1007|routing'] },
    play: call => {
      const headers = [call.says(plain('1007', 'Temporarily cannot route'))]
      call.refuse(call.invite([call.cast.home, call.cast.edge]), 503, { headers })
      call.answer(call.invite(throughGood(call)), throughGood(call))
    },
  },
  {
    name: 'the first of two ways failed, the second answered',
    weight: 7,
    markers: requestMarkers,
    expect: { um: 'answered' },
    play: call => {
      const { home, good, skewed } = call.cast
      const front = call.invite([home]).trying()
      const one = front.onward([skewed, call.hosted]).reply(503)
      one.acknowledge()
      front.at = front.onward([good, call.hosted], one.at).reply(200).at
      call.answer(front, throughGood(call))
    },
  },
  {
    name: 'both of two ways failed, and nobody said why',
    weight: 3,
    markers: requestMarkers,
    expect: { um: 'failed', umFailure: '503||other', sipFailures: ['good|503||other'] },
    play: call => {
      const { home, good, skewed } = call.cast
      const front = call.invite([home]).trying()
      const one = front.onward([skewed, call.hosted]).reply(503)
      one.acknowledge()
      const two = front.onward([good, call.hosted], one.at).reply(503)
      two.acknowledge()
      front.at = two.at
      call.refuse(front, 503)
    },
  },
  {
    name: 'two ways, of which only the Edges traced: one failed, one answered',
    weight: 3,
    markers: [hostedUri(), hostedPeer],
    expect: { um: 'answered' },
    play: call => {
      const { home, good, skewed } = call.cast
      call.untraced(home)
      const front = call.invite([home])
      const one = front.onward([good, call.hosted]).reply(503)
      const two = front.onward([skewed, call.hosted], one.at).reply(200)
      front.at = two.at
      call.answer(front, [home, skewed, call.hosted])
    },
  },
  {
    name: 'two ways, of which only the Edges traced: one failed, one was cancelled',
    weight: 2,
    markers: [hostedUri()],
    expect: { um: 'abandoned' },
    play: call => {
      const { home, good, skewed } = call.cast
      call.untraced(home)
      const front = call.invite([home])
      const one = front.onward([good, call.hosted]).reply(503)
      front.at = front.onward([skewed, call.hosted], one.at).cancel().reply(487).at
      call.refuse(front, 487)
    },
  },
  {
    name: 'answered; what changes the call is not acceptable',
    weight: 4,
    markers: requestMarkers,
    expect: { um: 'answered', sipFailures: ['good|488||other'] },
    play: call => {
      call.answer(call.invite(throughGood(call)), throughGood(call))
      call.talk()
      call.refuse(call.invite(throughGood(call)), 488)
      call.hangUp(throughGood(call))
    },
  },
  {
    name: 'answered; hung up when it was already gone',
    weight: 4,
    markers: allMarkers,
    expect: { um: 'answered', sipFailures: ['good|481|1004|routing'] },
    play: call => {
      const { home, good } = call.cast
      call.answer(call.invite(throughGood(call)), throughGood(call))
      call.talk()
      const bye = call.send('BYE', [call.client, home, good])
      bye.reply(481, { headers: [call.says(plain('1004', 'Route set is no longer valid'))] })
    },
  },
]
