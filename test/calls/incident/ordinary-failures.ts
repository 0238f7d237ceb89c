import { SIPFRAG } from './bodies.js'
import type { Call } from './call.js'
import {
  type Diagnostic,
  plain,
  referrerSkewed,
  referrerUnexplained,
  wrapper,
} from './diagnostics.js'
import { GATEWAY, PARTNER, type Party } from './parties.js'
import type { Scenario } from './scenario.js'

const toCallee = (call: Call) => [call.cast.home, call.cast.far, call.callee]

/** The last party of the path refuses. */
const refusedBy =
  (pathOf: (call: Call) => readonly Party[], code: number, diagnostic?: Diagnostic) =>
  (call: Call): void => {
    const headers = diagnostic ? [call.says(diagnostic)] : []
    const diag = { text: 'Request was refused', resultCode: '0xC3E93C5E SIPPROXY_E_ROUTING' }
    call.refuse(call.invite(pathOf(call)).trying(), code, { headers, diag })
  }

/** The Front End turns what comes from behind into a 480 that only wraps it. */
const wrapped =
  (pathOf: (call: Call) => readonly Party[], code: number, diagnostic?: Diagnostic) =>
  (call: Call): void => {
    const front = call.invite([call.cast.home]).trying()
    const headers = diagnostic ? [call.says(diagnostic)] : []
    const behind = front.onward(pathOf(call)).reply(code, { headers })
    behind.acknowledge()
    front.at = behind.at
    call.refuse(front, 480, { headers: [call.says(wrapper)] })
  }

const home = (call: Call) => [call.cast.home]
const edge = (call: Call) => [call.cast.home, call.cast.edge]
const federated = (call: Call) => [call.cast.home, call.cast.edge, PARTNER]

const fails = (
  name: string,
  weight: number,
  failure: string,
  play: (call: Call) => void,
): Scenario => ({ name, weight, expect: { um: 'none', sipFailures: [failure] }, play })

/** Calls between people that fail, or have something in them that fails. */
export const ordinaryFailures: readonly Scenario[] = [
  fails('busy', 12, 'far|486||other', refusedBy(toCallee, 486)),
  fails('declined', 6, 'far|603||other', refusedBy(toCallee, 603)),
  fails('forbidden', 4, 'home|403||other', refusedBy(home, 403)),
  fails('unknown', 6, 'home|404|1003|routing', refusedBy(home, 404, plain('1003', 'No such user'))),
  fails('no route', 5, 'home|404|12004|pstn', refusedBy(home, 404, plain('12004', 'No route'))),
  fails('no trunk, after progress', 3, 'home|503|12006|pstn', call => {
    const leg = call.invite([call.cast.home, GATEWAY])
    leg.reply(183, { headers: [call.says(plain('12004', 'Only progress'))] })
    call.refuse(leg, 503, { headers: [call.says(plain('12006', 'Trying next hop'))] })
  }),
  fails(
    'no peer',
    4,
    'edge|504|1038|network',
    refusedBy(edge, 504, plain('1038', 'No connection')),
  ),
  fails(
    'certificate',
    3,
    'edge|504|1010|certificate',
    refusedBy(edge, 504, plain('1010', 'Trust')),
  ),
  fails('TLS', 2, 'edge|504|1047|certificate', refusedBy(edge, 504, plain('1047', 'Negotiation'))),
  fails('DNS', 3, 'edge|504|1008|dns', refusedBy(edge, 504, plain('1008', 'No SRV'))),
  fails('partner', 3, 'edge|403|1034|federation', refusedBy(federated, 403, plain('1034', 'Peer'))),
  fails(
    'authorization',
    3,
    'edge|403|4004|authorization',
    refusedBy(edge, 403, plain('4004', 'Credentials')),
  ),
  fails(
    'not in the catalogue',
    3,
    'home|480|other|other',
    refusedBy(home, 480, plain('24017', '?')),
  ),
  fails(
    'wrapped on the way up',
    6,
    'edge|504|1009|dns',
    wrapped(call => [call.cast.edge], 504, plain('1009', 'SRV and domain conflict')),
  ),
  fails(
    'wrapped, and nothing behind says why',
    4,
    'home|480|10003|other',
    wrapped(call => [call.cast.far, call.callee], 480),
  ),
  fails('a partner that says nothing', 4, 'edge|488|1011|other', call => {
    const out = call.invite([call.cast.home, call.cast.edge])
    const behind = out.onward([PARTNER]).reply(488)
    behind.acknowledge()
    out.at = behind.at
    call.refuse(out, 488, { headers: [call.says(plain('1011', 'Not provided by previous hop'))] })
  }),
  fails(
    'a call that was sent on, refused by the skewed Edge',
    5,
    'skewed|429|1020|clock_skew',
    call => {
      const by = ['Referred-By', '<sip:user1@contoso.com>;ms-identity="MIIB;x"'] as const
      const leg = call.invite([call.cast.home, call.cast.skewed], { headers: [by] })
      call.refuse(leg, 429, { headers: [call.says(referrerSkewed)] })
    },
  ),
  fails(
    'a referrer without a reason',
    2,
    'edge|429|1020|identity',
    refusedBy(edge, 429, referrerUnexplained),
  ),
  fails('both want to change the call', 4, 'far|491||other', call => {
    const path = toCallee(call)
    call.answer(call.invite(path), path)
    call.talk()
    call.refuse(call.invite(path), 491)
    call.hangUp(path)
  }),
  fails('hung up on a call that is gone', 4, 'far|481|1004|routing', call => {
    const path = toCallee(call)
    call.answer(call.invite(path), path)
    call.talk()
    const bye = call.send('BYE', [call.client, ...path])
    bye.reply(481, { headers: [call.says(plain('1004', 'Route set is no longer valid'))] })
  }),
  fails('a refused transfer to a colleague', 3, 'far|603||other', call => {
    const path = toCallee(call)
    call.answer(call.invite(path), path)
    const headers = [['Refer-To', '<sip:carol@contoso.com>']] as const
    call.send('REFER', [call.client, ...path], { headers }).reply(603)
    const fragment = { contentType: 'message/sipfrag', body: SIPFRAG }
    call.talk()
    call.send('NOTIFY', [call.client, ...path], fragment).reply(200)
  }),
]
