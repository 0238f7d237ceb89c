import { test } from 'tap'
import { milliseconds } from '../../src/time/units.js'
import { freeTcpPort } from '../peers/ports.js'
import { startSchannel } from '../peers/schannel.js'
import { dripping, endless, startTalker } from '../peers/talker.js'
import { hex } from '../protocol/golden.js'
import { alert, randomWith, records, serverHello } from '../protocol/tls-bytes.js'
import { DER, open, parted } from './tls-reading.js'

void test('constant bytes and the marks of TLS 1.3 are no time', async t => {
  const retry = hex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')
  const marked = (): Uint8Array => {
    const random = randomWith(Math.floor(Date.now() / 1000))
    random.set(hex('444f574e475244 00'), 24)
    return random
  }
  const table: readonly [string, () => Uint8Array, RegExp][] = [
    ['constant bytes', () => randomWith(1_795_000_000), /does not put its time/],
    ['zeros', () => new Uint8Array(32), /does not put its time/],
    ['a HelloRetryRequest', () => retry, /TLS 1\.3 only/],
    ['a downgrade to TLS 1.1', marked, /mark of TLS 1\.3/],
  ]
  const one = async ([name, random, detail]: (typeof table)[number]): Promise<void> => {
    const { port } = await startSchannel(t, { certificate: DER, random })
    const { read } = open(t, { port })
    for (let i = 0; i < 2; i++)
      t.match(await read(), { ok: false, reason: 'no_time', detail }, name)
  }
  await Promise.all(table.map(one))
})

void test('a server that refuses says which alert', async t => {
  const table = [
    [alert(2, 40), { reason: 'tls', detail: /handshake_failure/ }],
    [alert(2, 112), { reason: 'tls', detail: /unrecognized_name/ }],
    [alert(2, 70), { reason: 'no_time', detail: /TLS 1.3 only/ }],
  ] as const
  for (const [bytes, expected] of table) {
    const said: Uint8Array[] = []
    const server = await startTalker(t, socket => {
      socket.on('data', piece => said.push(new Uint8Array(piece)))
      socket.once('data', () => socket.end(bytes))
    })
    t.match(await open(t, { port: server.port }).read(), { ok: false, ...expected })
    const [hello = new Uint8Array(0), ...more] = said
    t.equal(parted(hello)[1].length + more.length, 0, 'nothing is said to that')
  }
})

void test('a port that speaks something else is told, and one that says nothing', async t => {
  const web = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'
  const hello = records(serverHello({ random: randomWith(0) }))
  const table: readonly [string, string, Parameters<typeof startTalker>[1]][] = [
    ['a banner first', 'protocol', socket => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
    ['a web server', 'protocol', socket => socket.once('data', () => socket.end(web))],
    ['closing at once', 'protocol', socket => socket.end()],
    ['closing when asked', 'protocol', socket => socket.once('data', () => socket.end())],
    ['resetting', 'protocol', socket => socket.once('data', () => socket.resetAndDestroy())],
    ['half a ServerHello', 'protocol', socket => socket.end(hello.subarray(0, 50))],
    ['saying nothing', 'timeout', () => undefined],
    ['a byte now and then', 'timeout', socket => dripping(socket, hello)],
    ['never stopping', 'protocol', socket => endless(socket, Buffer.alloc(65_536, 'x'))],
    [
      'warnings for ever',
      'protocol',
      socket => endless(socket, Buffer.concat(Array(999).fill(alert(1, 112)))),
    ],
  ]
  for (const [name, reason, talk] of table) {
    const { port } = await startTalker(t, talk)
    const { read } = open(t, { port, timeout: milliseconds(700) })
    t.match(await read(), { ok: false, reason }, name)
  }
  const { read } = open(t, { port: await freeTcpPort() })
  t.match(await read(), { ok: false, reason: 'refused' })
})
