import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * `node hep-flood.js PORT PACKETS_PER_SECOND SECONDS`: sends HEP packets over UDP at that rate, or as near to
 * it as it comes; says how many. Of each four, an INVITE of a new call, 100, 200, ACK; each twentieth call
 * is one to voicemail that fails with 429.
 */
const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number)
const NUMBER = '00000000'
const MESSAGES_A_CALL = 4
const FAILING = 20

/** @param {number} type @param {Buffer} value */
const chunk = (type, value) => {
  const head = Buffer.alloc(6)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(value.length + 6, 4)
  return Buffer.concat([head, value])
}

/** @param {string} startLine @param {string} cseq @param {string[]} more */
const packet = (startLine, cseq, more = []) => {
  const lines = [
    startLine,
    `Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK${NUMBER}`,
    'From: <sip:user1@contoso.com>;tag=1',
    'To: <sip:user2@contoso.com>',
    `Call-ID: flood-${NUMBER}@contoso.com`,
    `CSeq: ${cseq}`,
    ...more,
    `User-Agent: ${'a client that says much of itself; '.repeat(14)}`,
    'Content-Length: 0',
    '',
    '',
  ]
  const chunks = Buffer.concat([
    chunk(1, Buffer.from([2])),
    chunk(0xb, Buffer.from([1])),
    chunk(0xf, Buffer.from(lines.join('\r\n'))),
  ])
  const head = Buffer.from('HEP3\0\0')
  head.writeUInt16BE(chunks.length + 6, 4)
  return Buffer.concat([head, chunks])
}

const SKEWED = 'ms-diagnostics: 1020;HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"'
const OTHERS = [
  packet('SIP/2.0 100 Trying', '1 INVITE'),
  packet('ACK sip:b@contoso.com SIP/2.0', '1 ACK'),
]
const answered = [
  packet('INVITE sip:b@contoso.com SIP/2.0', '1 INVITE'),
  OTHERS[0],
  packet('SIP/2.0 200 OK', '1 INVITE'),
  OTHERS[1],
]
const failing = [
  packet('INVITE sip:b@contoso.com;opaque=app:voicemail SIP/2.0', '1 INVITE'),
  OTHERS[0],
  packet('SIP/2.0 429 Provide Referrer Identity', '1 INVITE', [SKEWED]),
  OTHERS[1],
]

/** @param {Buffer} bytes @param {number} call */
const numbered = (bytes, call) => {
  const own = Buffer.from(bytes)
  const digits = String(call).padStart(NUMBER.length, '0')
  for (let at = own.indexOf(NUMBER); at >= 0; at = own.indexOf(NUMBER, at + 1)) {
    own.write(digits, at, 'latin1')
  }
  return own
}

const socket = createSocket('udp4')
await new Promise(resolve => socket.connect(port, '127.0.0.1', () => resolve(undefined)))
let sent = 0
let failed = 0
let errors = 0
const started = performance.now()
const due = () => Math.min(rate * seconds, (rate * (performance.now() - started)) / 1000)
while (sent < rate * seconds && performance.now() - started < 3 * seconds * 1000) {
  while (sent < due()) {
    const call = Math.floor(sent / MESSAGES_A_CALL)
    const messages = call % FAILING === 0 ? failing : answered
    const message = messages[sent % MESSAGES_A_CALL]
    if (message) socket.send(numbered(message, call), error => void (errors += error ? 1 : 0))
    if (messages === failing && sent % MESSAGES_A_CALL === 2) failed++
    sent++
    // The socket's queue drains in between.
    if (sent % 64 === 0) break
  }
  await (sent < due() ? new Promise(resolve => setImmediate(resolve)) : pause(1))
}
const took = (performance.now() - started) / 1000
socket.close(() => process.stdout.write(JSON.stringify({ sent, failed, errors, seconds: took })))
