import { encodeClientHello } from '../../src/protocol/tls-client-hello.js'
import { CERTIFICATE_BYTES_LIMIT, ServerFlight } from '../../src/protocol/tls-flight.js'
import { RANDOM_BYTES, gmtUnixTime, isDowngraded, isHelloRetry } from '../../src/protocol/tls.js'
import { certificateValidity } from '../../src/protocol/x509.js'
import {
  alert,
  certificateRequest,
  certificates,
  joinBytes,
  randomWith,
  records,
  serverHello,
  serverHelloDone,
} from '../protocol/tls-bytes.js'
import { certificateWith, time } from '../protocol/x509-bytes.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const bytesOf = (input: string): Uint8Array => Buffer.from(input, 'latin1')

const validCertificates = [
  certificateWith(time.utc('260101000000Z'), time.utc('270101000000Z')),
  certificateWith(time.utc('991231235959Z'), time.generalized('20500101000000Z'), {
    version: false,
    issuerBytes: 200,
  }),
  certificateWith(time.generalized('20500101000000Z'), time.generalized('99991231235959Z')),
]
const [first = new Uint8Array(0), ...others] = validCertificates

const messages = joinBytes(
  serverHello({ random: randomWith(1_795_408_679) }),
  certificates(first, ...others),
  certificateRequest(),
  serverHelloDone(),
)
const bare = serverHello({ random: randomWith(0), sessionId: new Uint8Array(0), version: 0x0301 })

const validFlights = [
  records(messages),
  records(messages, 61),
  records(messages, 1),
  joinBytes(alert(1, 112), records(joinBytes(bare, certificates(first), serverHelloDone()))),
  joinBytes(records(bare), alert(2, 40)),
  alert(2, 70),
  encodeClientHello('edge.test'),
]

const describe = ({ hasRandom, hello, certificate, end }: ServerFlight): string =>
  JSON.stringify([hasRandom, hello?.minor, hello && textOf(hello.random), certificate?.length, end])

/** A server's flight and a certificate in DER. */
export const tlsKinds: Readonly<Record<string, Kind>> = {
  tls: {
    valid: validFlights.map(textOf),
    run: (input, random) => {
      const bytes = bytesOf(input)
      const whole = new ServerFlight()
      whole.read(bytes)
      const { hello, certificate, end } = whole
      check(hello === undefined || whole.hasRandom, 'a ServerHello before its random')
      check(hello !== undefined || certificate === undefined, 'a certificate, and no ServerHello')
      check((certificate?.length ?? 1) <= CERTIFICATE_BYTES_LIMIT, 'a long certificate')
      check((end?.kind === 'told') === (hello !== undefined && end !== undefined), 'what was told')
      if (hello) {
        check(hello.random.length === RANDOM_BYTES, 'a short random')
        check(gmtUnixTime(hello) >= 0n, 'a time before 1970')
        check(!(isDowngraded(hello) && isHelloRetry(hello)), 'both marks')
      }
      const pieces = new ServerFlight()
      const cut = Math.floor(random() * bytes.length)
      for (const to of [cut, Math.min(cut + 1, bytes.length), bytes.length]) {
        pieces.read(bytes.slice(0, to))
      }
      check(describe(pieces) === describe(whole), 'another flight in pieces')
    },
  },
  x509: {
    valid: validCertificates.map(textOf),
    run: input => {
      const validity = certificateValidity(bytesOf(input))
      if (!validity) return
      for (const stamp of [validity.notBefore, validity.notAfter]) {
        check(Number.isInteger(stamp) && stamp < 253_402_300_800, 'no time')
        check(stamp >= -62_167_219_200, 'a time before the year 0')
      }
    },
  },
}
