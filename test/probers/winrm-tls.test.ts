import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'tap'
import { contains } from '../../src/time/interval.js'
import { seconds } from '../../src/time/units.js'
import { makeCertificate } from '../peers/certificate.js'
import { startHttpScript } from '../peers/http-script.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { outcomeOf } from './one-reading.js'
import { readWinrm, shiftOf } from './winrm-reading.js'

const AHEAD = seconds(-21_600)

const challenge = (): string => {
  const stamp = BigInt(Date.now()) * 1_000_000n + AHEAD
  return Buffer.from(encodeChallenge({ stamp })).toString('base64')
}

const unauthorized = (offer: string): string =>
  `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${offer}\r\nContent-Length: 0\r\n\r\n`

void test('over TLS the certificate is told, verified by nobody', async t => {
  if (skipUnless(t, 'openssl')) return
  const dates = { notBefore: '20010203040506Z', notAfter: '20101112131415Z' }
  const made = await makeCertificate(t, dates)
  const tls = {
    key: await readFile(made.keyFile),
    cert: await readFile(made.certificateFile),
    // As an old server has it.
    maxVersion: 'TLSv1.2' as const,
  }
  const names: (string | false)[] = []
  const answer = ({ head }: { readonly head: string }) =>
    unauthorized(/^Authorization/m.test(head) ? `Negotiate ${challenge()}` : 'Negotiate')
  const peer = await startHttpScript(t, answer, {
    ...tls,
    SNICallback: (name, done) => {
      names.push(name)
      done(null)
    },
  })
  const server_name = 'edge01.example.org'
  const result = await readWinrm({ port: peer.port, tls: true, server_name })
  if (!result.ok) return t.fail(outcomeOf(result))
  t.ok(contains(shiftOf(result), AHEAD), 'the interval holds the truth')
  t.strictSame(result.facts, {
    certificate: {
      notBefore: Date.parse('2001-02-03T04:05:06Z') / 1000,
      notAfter: Date.parse('2010-11-12T13:14:15Z') / 1000,
    },
  })
  t.strictSame(names, [server_name])
  t.match(peer.heads, [/\r\nHost: edge01\.example\.org:\d+\r\n/])
  await until(() => peer.open() === 0, { what: 'the connection closed' })
  t.equal(peer.broken(), 0)
})

void test('a port without TLS, asked for it, fails with tls', async t => {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.match(await readWinrm({ port, tls: true }), { ok: false, reason: 'tls' })
})
