import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { derElement } from '../../src/protocol/der.js'
import type { Seconds } from '../../src/time/units.js'
import {
  certificates,
  joinBytes,
  randomWith,
  records,
  serverHello,
  serverHelloDone,
} from '../protocol/tls-bytes.js'
import type { Conversation } from './world.js'

const NS = 1_000_000_000n
const SEQUENCE = 0x30
const UTC_TIME = 0x17

const text = (bytes: string): Uint8Array => Buffer.from(bytes, 'latin1')

const utcTime = (at: Seconds): Uint8Array => {
  const digits = new Date(at * 1000).toISOString().replace(/\D/g, '')
  return derElement(UTC_TIME, text(`${digits.slice(2, 14)}Z`))
}

/** A certificate in DER, up to its dates and without the rest. */
export const certificateOf = (notBefore: Seconds, notAfter: Seconds): Uint8Array =>
  derElement(
    SEQUENCE,
    derElement(
      SEQUENCE,
      derElement(0x02, [1]),
      derElement(SEQUENCE),
      derElement(SEQUENCE),
      derElement(SEQUENCE, utcTime(notBefore), utcTime(notAfter)),
    ),
  )

/** TLS 1.2 as Schannel speaks it, with the clock in its random bytes. */
export const tlsServer =
  (certificate: Uint8Array): Conversation =>
  (_, clock) => {
    const random = randomWith(Number(clock / NS))
    const flight = [serverHello({ random }), certificates(certificate), serverHelloDone()]
    return [records(joinBytes(...flight))]
  }

/** A web server with a Date, which keeps its connections. */
export const httpServer: Conversation = (_, clock) => {
  const date = new Date(Number(clock / NS) * 1000).toUTCString()
  return [text(`HTTP/1.1 200 OK\r\nDate: ${date}\r\nContent-Length: 0\r\n\r\n`)]
}

/** Windows authentication over HTTP, of a computer of this name. */
export const winrmServer =
  (computer: string): Conversation =>
  (request, clock) => {
    const isNegotiated = Buffer.from(request).includes('Authorization:')
    const dnsName = `${computer.toLowerCase()}.contoso.com`
    const challenge = encodeChallenge({ stamp: clock, computer, dnsName, domain: 'CONTOSO' })
    const more = isNegotiated ? ` ${Buffer.from(challenge).toString('base64')}` : ''
    const head = `WWW-Authenticate: Negotiate${more}\r\nContent-Length: 0\r\n`
    return [text(`HTTP/1.1 401 Unauthorized\r\n${head}\r\n`)]
  }
