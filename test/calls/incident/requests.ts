import type { Call } from './call.js'
import { plain } from './diagnostics.js'
import type { Header } from './message.js'
import { endpoint } from './parties.js'
import type { Scenario } from './scenario.js'

const CHALLENGE: Header = ['WWW-Authenticate', 'NTLM realm="SIP", targetname="fe1", version=4']

const challenged = (call: Call, method: string): void => {
  const leg = call.send(method, [call.client, call.cast.home])
  call.at = leg.reply(401, { headers: [CHALLENGE] }).at + 5
}

const ask = (call: Call, method: string) => call.send(method, [call.client, call.cast.home])
const text = { contentType: 'text/plain', body: 'Please call me back;opaque=app:voicemail\n' }
const message = (call: Call, ...path: Parameters<Call['send']>[1]) =>
  call.send('MESSAGE', [call.client, call.cast.home, ...path], text)

const works = (name: string, weight: number, play: (call: Call) => void): Scenario => ({
  name,
  weight,
  expect: { um: 'none' },
  play,
})

const fails = (
  name: string,
  weight: number,
  failure: string,
  play: (call: Call) => void,
): Scenario => ({ name, weight, expect: { um: 'none', sipFailures: [failure] }, play })

/** Transactions that are no calls. */
export const otherRequests: readonly Scenario[] = [
  works('REGISTER, challenged once', 40, call => {
    challenged(call, 'REGISTER')
    ask(call, 'REGISTER').reply(200)
  }),
  works('REGISTER, challenged twice', 15, call => {
    challenged(call, 'REGISTER')
    challenged(call, 'REGISTER')
    ask(call, 'REGISTER').reply(200)
  }),
  works('SUBSCRIBE', 25, call => void ask(call, 'SUBSCRIBE').reply(200)),
  works('OPTIONS from the Edge inwards', 10, call => {
    call.send('OPTIONS', [call.cast.edge, call.cast.home]).reply(200)
  }),
  works('MESSAGE', 10, call => void message(call, call.cast.far, call.callee).reply(200)),
  works('SUBSCRIBE without an end in the trace', 3, call => void ask(call, 'SUBSCRIBE')),
  works('SERVICE, redirected', 2, call => void ask(call, 'SERVICE').reply(302)),
  fails('MESSAGE to nobody', 6, 'home|404|1003|routing', call => {
    message(call).reply(404, { headers: [call.says(plain('1003', 'User does not exist'))] })
  }),
  fails('MESSAGE to nowhere', 6, 'edge|503|1046|network', call => {
    const headers = [call.says(plain('1046', 'Failed to connect to a federated peer'))]
    message(call, call.cast.edge).reply(503, { headers })
  }),
  fails('MESSAGE unsigned', 3, 'home|428||identity', call => void message(call).reply(428)),
  fails(
    'SUBSCRIBE to nothing',
    4,
    'home|489||other',
    call => void ask(call, 'SUBSCRIBE').reply(489),
  ),
  fails('NOTIFY of what is gone', 4, 'home|481||other', call => {
    call.send('NOTIFY', [call.cast.home, call.client]).reply(481)
  }),
  fails('REGISTER, forbidden', 4, 'home|403|4003|authorization', call => {
    challenged(call, 'REGISTER')
    const headers = [call.says(plain('4003', 'Not enabled for remote access'))]
    ask(call, 'REGISTER').reply(403, { headers })
  }),
  fails('REGISTER, not tried again', 3, 'home|401||authentication', call => {
    challenged(call, 'REGISTER')
  }),
  fails("REGISTER, the client's clock is wrong", 4, 'home|401|1013|clock_skew', call => {
    const headers = [CHALLENGE, call.says(plain('1013', 'Significant time skew detected'))]
    ask(call, 'REGISTER').reply(401, { headers })
  }),
  fails('SERVICE, handshake failed', 2, 'home|401|1000|authentication', call => {
    const headers = [call.says(plain('1000', 'Final handshake failed'))]
    ask(call, 'SERVICE').reply(401, { headers })
  }),
  fails('OPTIONS to hosted voicemail', 5, 'edge|504|1038|network', call => {
    const hosted = endpoint('hosted', 'exap.um.outlook.com:5061')
    const uri = 'sip:exap.um.outlook.com:5061;transport=tls'
    const headers = [call.says(plain('1038', 'Failed to connect to a peer'))]
    const leg = call.send('OPTIONS', [call.cast.home, call.cast.edge], { uri })
    leg.reply(504, { headers })
    call.at = leg.at
    call.send('OPTIONS', [call.cast.edge, hosted], { uri })
  }),
  fails('PUBLISH in conflict', 4, 'home|409||other', call => void ask(call, 'PUBLISH').reply(409)),
]
