import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { test } from 'tap'
import { nodePlatform } from '../../src/net/node-platform.js'
import { rdp } from '../../src/probers/rdp.js'
import { width } from '../../src/time/interval.js'
import { milliseconds } from '../../src/time/units.js'
import { makeCertificate } from '../peers/certificate.js'
import { startFreerdp } from '../peers/freerdp.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { skipUnless } from '../peers/peer.js'
import type { Scope } from '../peers/scope.js'
import { connectionConfirm, tsReply } from '../protocol/rdp-replies.js'
import { FAULTS, type FaultyPort, answering, endlessly, servePort, slowly } from './faulty-ports.js'
import { holdsTruth, mustRead, outcomeOf, readOnce } from './one-reading.js'
import { keepingSent, ntlmTypes } from './sent-bytes.js'
import { ONE_EXCHANGE, mustHold, mustHoldTicks, simulate, tickOf } from './simulated.js'
import type { Conversation } from '../sim/world.js'

const PEERS = ['freerdp-shadow', 'Xvfb']
const NARROW = milliseconds(1100)
const NTLM_BLOCKED = 0xc000_0418
const SHORT = milliseconds(300)
const LONG = milliseconds(20_000)

for (const offset of ['-6h', '+90.5', '+0.4']) {
  void test(`FreeRDP's server at ${offset} is read to its whole seconds`, async t => {
    if (skipUnless(t, ...PEERS, 'libfaketime')) return
    const { port } = await startFreerdp(t, { offset })
    await holdsTruth(t, { kind: 'rdp', options: { port } }, { offset, narrow: NARROW })
  })
}

void test("FreeRDP's server tells its name and certificate, and no logon is begun in earnest", async t => {
  if (skipUnless(t, ...PEERS)) return
  const { port } = await startFreerdp(t)
  const sent: Uint8Array[] = []
  const traced: string[] = []
  const asked = { kind: 'rdp', options: { port } } as const
  const platform = keepingSent(nodePlatform(), sent)
  const trace = (line: string) => traced.push(line)
  const { facts } = await mustRead({ ...asked, platform, trace })
  t.ok(facts.identity?.computer)
  const { notBefore = 0, notAfter = 0 } = facts.certificate ?? {}
  t.ok(notBefore > 0 && notAfter > notBefore)
  t.strictSame(ntlmTypes(sent), [1])
  t.match(traced, [/MsvAvTimestamp/])
})

for (const security of ['tls', 'rdp'] as const) {
  void test(`a server that speaks ${security} only has no time to give`, async t => {
    if (skipUnless(t, ...PEERS)) return
    const { port } = await startFreerdp(t, { security })
    const result = await readOnce({ kind: 'rdp', options: { port } })
    t.match(outcomeOf(result), /^no_time: .*\(NLA\)/)
  })
}

const isConnectionRequest = (request: Uint8Array): boolean => request[0] === 3

/** A server in a simulated world; in its world a TLS handshake is no message. */
const converse =
  (answer: (clock: bigint) => Uint8Array, confirm = connectionConfirm(2)) =>
  (): Conversation =>
  (request, clock) => [isConnectionRequest(request) ? confirm : answer(clock)]

const challenged = (stamp: bigint): Uint8Array =>
  tsReply({ token: encodeChallenge({ stamp: stamp - (stamp % 100n), computer: 'EDGE01' }) })

void test('a server like Windows is read to its tick', async t => {
  for (const protocol of [2, 8]) {
    const seen = await simulate('rdp', converse(challenged, connectionConfirm(protocol)))
    const { interval, rtt, facts } = mustHold(t, seen)
    t.equal(rtt, milliseconds(2))
    t.ok(width(interval) <= ONE_EXCHANGE)
    t.strictSame(facts, { identity: { computer: 'EDGE01' } })
    t.strictSame(ntlmTypes(seen.sent), [1])
  }
})

void test('a clock that stands still between its ticks is held at any moment', async t => {
  await mustHoldTicks(
    t,
    'rdp',
    converse(clock => challenged(tickOf(clock))),
  )
})

void test('the certificate is told without being verified', async t => {
  if (skipUnless(t, 'openssl')) return
  const { der: certificate } = await makeCertificate(t, { notAfter: '20210101000000Z' })
  const { facts } = mustHold(t, await simulate('rdp', converse(challenged), { certificate }))
  t.equal(facts.certificate?.notAfter, Date.UTC(2021, 0, 1) / 1000)
})

void test('a server without NLA, without NTLM or without a time in it says so', async t => {
  const table: readonly [string, ReturnType<typeof converse>, RegExp][] = [
    ['TLS only', converse(challenged, connectionConfirm(1)), /not ask for .*\(NLA\)/],
    ['its own security', converse(challenged, connectionConfirm(0)), /not ask for .*\(NLA\)/],
    ['no negotiation', converse(challenged, connectionConfirm(undefined)), /\(NLA\)/],
    [
      'a refusal',
      converse(challenged, connectionConfirm(2, { type: 3 })),
      /\(NLA\): it allows its own security only/,
    ],
    ['an error', converse(() => tsReply({ errorCode: NTLM_BLOCKED })), /NTLM_BLOCKED \(c0000418\)/],
    ['no token', converse(() => tsReply({})), /no challenge/],
    ['another token', converse(() => tsReply({ token: Uint8Array.of(1, 2, 3) })), /no challenge/],
    [
      'no time pair',
      converse(() => tsReply({ token: encodeChallenge({ computer: 'EDGE01' }) })),
      /EDGE01 has no MsvAvTimestamp/,
    ],
  ]
  for (const [name, server, detail] of table) {
    const { result, sent } = await simulate('rdp', server)
    t.match(result, { ok: false, reason: 'no_time', detail }, name)
    t.ok(
      ntlmTypes(sent).every(type => type === 1),
      name,
    )
  }
  const { result } = await simulate(
    'rdp',
    converse(() => challenged(-(10n ** 18n))),
  )
  t.match(outcomeOf(result), /^implausible: /)
})

/** A TLS server behind its confirmation; `serve` answers the TSRequest. */
const securedPort = async (
  scope: Scope,
  serve: (socket: Socket) => void,
): Promise<(socket: Socket) => void> => {
  const { keyFile, certificateFile } = await makeCertificate(scope)
  const key = createPrivateKey(await readFile(keyFile)).export({ type: 'pkcs8', format: 'pem' })
  const cert = new X509Certificate(await readFile(certificateFile)).toString()
  return answering(socket => {
    socket.write(connectionConfirm(2))
    const secured = new TLSSocket(socket, { isServer: true, key, cert })
    secured.on('error', () => undefined)
    answering(serve)(secured)
  })
}

const NOW = 1_795_410_000_123_456_700n

const SECURED: readonly FaultyPort[] = [
  { name: 'answers', serve: socket => void socket.write(challenged(NOW)), outcome: /^ok$/ },
  { name: 'says nothing', serve: () => undefined, outcome: /^timeout: / },
  { name: 'closes', serve: socket => void socket.end(), outcome: /^protocol: / },
  {
    name: 'sends a byte at a time',
    serve: socket => slowly(socket, challenged(NOW)),
    outcome: /^timeout: /,
  },
  {
    name: 'sends without end',
    serve: socket => endlessly(socket, Buffer.alloc(64 * 1024, 0x30)),
    outcome: /^protocol: /,
  },
]

for (const { name, serve, outcome } of SECURED) {
  void test(`a server that ${name} inside TLS is read, or told from one, in time`, async t => {
    if (skipUnless(t, 'openssl')) return
    const port = await servePort(t, await securedPort(t, serve))
    const timeout = outcome.source.startsWith('^timeout') ? milliseconds(1500) : LONG
    const result = await readOnce({ kind: 'rdp', options: { port, timeout } })
    t.match(outcomeOf(result), outcome)
  })
}

const confirming = (then: (socket: Socket) => void) =>
  answering(socket => {
    socket.write(connectionConfirm(2))
    answering(then)(socket)
  })

const PLAIN: readonly FaultyPort[] = [
  ...FAULTS,
  {
    name: 'sends a byte at a time',
    serve: answering(socket => slowly(socket, connectionConfirm(2))),
    outcome: /^timeout: /,
  },
  {
    name: 'says nothing to TLS',
    serve: confirming(() => undefined),
    outcome: /^timeout: .*TLS/,
  },
  {
    name: 'knows no TLS',
    serve: confirming(socket => socket.write('no such thing here\r\n')),
    outcome: /^tls: /,
  },
  { name: 'closes before TLS', serve: confirming(socket => socket.end()), outcome: /^tls: / },
]

for (const { name, serve, outcome } of PLAIN) {
  void test(`a port that ${name} is told from Remote Desktop in time`, async t => {
    const port = await servePort(t, serve)
    const timeout = outcome.source.startsWith('^timeout') ? SHORT : LONG
    const result = await readOnce({ kind: 'rdp', options: { port, timeout } })
    t.match(outcomeOf(result), outcome)
    if (!result.ok) t.ok(rdp.reasons.includes(result.reason))
  })
}
