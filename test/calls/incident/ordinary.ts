import { MISLEADING_XML } from './bodies.js'
import type { Call } from './call.js'
import { plain } from './diagnostics.js'
import { requestMarkers } from './markers.js'
import type { Header } from './message.js'
import { GATEWAY, endpoint } from './parties.js'
import type { Scenario } from './scenario.js'

const toCallee = (call: Call) => [call.cast.home, call.cast.far, call.callee]

const answered = (call: Call): void => {
  const path = toCallee(call)
  const leg = call.invite(path).trying()
  leg.reply(180)
  leg.at += 2000
  call.answer(leg, path)
}

const answeredWith =
  (headers: readonly Header[]) =>
  (call: Call): void => {
    const path = toCallee(call)
    call.answer(call.invite(path, { headers }).reply(180), path)
    call.hangUp(path)
  }

const NO_CALL = { um: 'none' } as const

/** Calls between people: nothing of voicemail in them but what misleads. */
export const ordinaryCalls: readonly Scenario[] = [
  {
    name: 'answered and hung up',
    weight: 70,
    expect: NO_CALL,
    play: call => {
      answered(call)
      call.hangUp(toCallee(call))
    },
  },
  {
    name: 'answered; diagnostics on BYE and on the CANCEL of another branch',
    weight: 6,
    expect: NO_CALL,
    play: call => {
      const { home, far } = call.cast
      const front = call.invite([home]).trying()
      const other = front.onward([far, endpoint('phone', '192.0.2.199:50001')]).reply(180)
      const branch = front.onward([far, call.callee]).reply(180)
      branch.at += 1500
      front.at = branch.reply(200).at
      call.answer(front, toCallee(call))
      const elsewhere = call.says(plain('10003', 'Call completed elsewhere'))
      other.cancel([elsewhere]).reply(487).acknowledge()
      call.hangUp(toCallee(call), [
        call.says(plain('1020', 'Only told on a BYE')),
        ['ms-client-diagnostics', '52031;reason="Call terminated on media failure"'],
      ])
    },
  },
  {
    name: 'progress with diagnostics, then answered',
    weight: 12,
    expect: NO_CALL,
    play: call => {
      const path = [call.cast.home, GATEWAY]
      const leg = call.invite(path).trying()
      leg.reply(101, { headers: [call.says(plain('13004', 'Request was proxied'))] })
      leg.reply(183, { headers: [call.says(plain('12006', 'Trying next hop'))] })
      call.answer(leg, path)
      call.hangUp(path)
    },
  },
  {
    name: 'challenged, then answered',
    weight: 16,
    expect: NO_CALL,
    play: call => {
      const challenge: Header = ['Proxy-Authenticate', 'NTLM realm="SIP", targetname="fe1"']
      call.refuse(call.invite([call.cast.home]), 407, { headers: [challenge] })
      answered(call)
    },
  },
  {
    name: 'abandoned while it rang',
    weight: 12,
    expect: NO_CALL,
    play: call => {
      const leg = call.invite(toCallee(call)).trying().reply(180)
      leg.at += 4000
      call.refuse(leg.cancel(), 487)
    },
  },
  {
    name: 'cancelled too late: answered',
    weight: 3,
    expect: NO_CALL,
    play: call => {
      const path = toCallee(call)
      const leg = call.invite(path).reply(180)
      call.answer(leg.cancel(), path)
      call.hangUp(path)
    },
  },
  {
    name: 'forwarded, with Diversion alone',
    weight: 5,
    expect: NO_CALL,
    play: answeredWith([['Diversion', '<sip:carol@contoso.com>;reason=unconditional']]),
  },
  {
    name: 'a caller whose From speaks of voicemail',
    weight: 2,
    expect: NO_CALL,
    play: call => {
      const from = `<sip:bob@contoso.com;opaque=app:voicemail>;tag=${call.id.slice(-8)}`
      const path = toCallee(call)
      call.answer(call.invite(path, { from }), path)
    },
  },
  {
    name: 'a body that speaks of voicemail and of failures',
    weight: 4,
    expect: NO_CALL,
    play: call => {
      const path = toCallee(call)
      const body = { contentType: 'application/xml', body: MISLEADING_XML }
      call.answer(call.invite(path, body), path, body)
    },
  },
  {
    name: 'a host whose name only looks like hosted voicemail',
    weight: 2,
    expect: NO_CALL,
    play: call => {
      const path = [call.cast.home, call.cast.edge, endpoint('other', 'um.fabrikam.com:5061')]
      const uri = 'sip:bob@exap.um.outlook.com.fabrikam.com:5061;transport=tls'
      call.answer(call.invite(path, { uri }), path)
    },
  },
  {
    name: 'never answered, as far as the trace goes',
    weight: 3,
    expect: NO_CALL,
    play: call => void call.invite(toCallee(call)).trying().reply(180),
  },
  {
    name: 'a missed-call notification, by its From',
    weight: 6,
    markers: requestMarkers.slice(0, 4),
    expect: NO_CALL,
    play: call => {
      const from = `<sip:A410AA79-D874-4e56-9B46-709BDD0EB850>;tag=${call.id.slice(-8)}`
      const path = [call.cast.home, call.cast.edge, call.hosted]
      call.answer(call.invite(path, { from }), path)
      call.hangUp(path)
    },
  },
]
