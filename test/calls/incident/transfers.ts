import type { Call } from './call.js'
import { DATE_SKEWED_RESULT, referrerSkewed, referrerUnverified, wrapper } from './diagnostics.js'
import type { Leg } from './leg.js'
import type { Header } from './message.js'
import type { Party } from './parties.js'
import type { Scenario } from './scenario.js'

const REFER: readonly Header[] = [
  ['Refer-To', '<sip:bob@contoso.com;gruu;opaque=app:voicemail>'],
  ['Referred-By', '<sip:user1@contoso.com>;ms-identity="MIIB;abc";ms-identity-info="sip:fe2"'],
]
const CHALLENGE: Header = ['Proxy-Authenticate', 'NTLM realm="SIP", targetname="fe1"']

/** An ordinary call, answered by someone outside, that is sent on to voicemail. */
const talking = (call: Call, edge: Party): readonly Party[] => {
  const path = [call.cast.home, edge, call.callee]
  call.answer(call.invite(path).reply(180), path)
  call.talk()
  return path
}

const refer = (call: Call, path: readonly Party[]): Leg =>
  call.send('REFER', [call.client, ...path], { headers: REFER })

const accepted = (call: Call, path: readonly Party[]): void => {
  call.at = refer(call, path).reply(202).at + 1
  const notify = call.send('NOTIFY', [call.client, ...path], {
    headers: [['Event', 'refer']],
    contentType: 'message/sipfrag',
    body: 'SIP/2.0 200 OK\n',
  })
  call.at = notify.reply(200).at
  call.hangUp(path)
}

/** Transfers to voicemail, in the dialog of an ordinary call. */
export const transfers: readonly Scenario[] = [
  {
    name: 'a transfer is accepted',
    weight: 8,
    expect: { um: 'answered' },
    play: call => accepted(call, talking(call, call.cast.good)),
  },
  {
    name: 'a transfer is challenged, then accepted',
    weight: 3,
    expect: { um: 'answered' },
    play: call => {
      const path = talking(call, call.cast.good)
      refer(call, [call.cast.home]).reply(407, { headers: [CHALLENGE] })
      accepted(call, path)
    },
  },
  {
    name: 'a transfer is refused by the skewed Edge',
    weight: 6,
    expect: {
      um: 'failed',
      umFailure: '429|1020|clock_skew',
      sipFailures: ['skewed|429|1020|clock_skew'],
    },
    play: call => {
      const path = talking(call, call.cast.skewed)
      const headers = [call.says(referrerSkewed)]
      const diag = { text: 'Referrer identity is not valid', resultCode: DATE_SKEWED_RESULT }
      refer(call, [call.cast.home, call.cast.skewed]).reply(429, { headers, diag })
      call.hangUp(path)
    },
  },
  {
    name: 'a transfer is refused by the skewed Edge, hidden by the Front End',
    weight: 3,
    expect: {
      um: 'failed',
      umFailure: '429|1020|clock_skew',
      sipFailures: ['skewed|429|1020|clock_skew'],
    },
    play: call => {
      const path = talking(call, call.cast.skewed)
      const front = refer(call, [call.cast.home])
      const behind = front.onward([call.cast.skewed])
      behind.reply(429, { headers: [call.says(referrerSkewed)] })
      front.at = behind.at
      front.reply(480, { headers: [call.says(wrapper)] })
      call.hangUp(path)
    },
  },
  {
    name: 'a transfer is refused for its signature',
    weight: 2,
    expect: {
      um: 'failed',
      umFailure: '429|1020|identity',
      sipFailures: ['good|429|1020|identity'],
    },
    play: call => {
      const path = talking(call, call.cast.good)
      const headers = [call.says(referrerUnverified)]
      refer(call, [call.cast.home, call.cast.good]).reply(429, { headers })
      call.hangUp(path)
    },
  },
]
