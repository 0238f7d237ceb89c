import { ALERT, type ServerHello, alertName, uint } from './tls.js'

/** Byte offsets of a record (RFC 5246 §6.2.1) and of a handshake message (§7.4), big-endian. */
const RECORD = { type: 0, major: 1, length: 3, header: 5 } as const
const MESSAGE = { type: 0, length: 1, header: 4 } as const
/** Of a ServerHello's body, §7.4.1.3; its session id's length tells where the rest is. */
const HELLO = { major: 0, minor: 1, random: 2, sessionId: 34 } as const
/** Of a Certificate's body, §7.4.2: the list's length, the first certificate's, and that itself. */
const CERTIFICATE = { listLength: 0, firstLength: 3, first: 6 } as const

const RECORD_TYPE = { alert: 21, handshake: 22 } as const
const MESSAGE_TYPE = { serverHello: 2, certificate: 11 } as const
const MAJOR = 3
const MAX_MINOR = 3

const MAX_RECORD_BYTES = 1 << 14
const MAX_HELLO_BYTES = 1 << 14
const MAX_SESSION_ID_BYTES = 32
/** Behind the session id: a cipher suite and a compression method. */
const AFTER_SESSION_ID_BYTES = 3
const LEAST_HELLO_BYTES = HELLO.sessionId + 1 + AFTER_SESSION_ID_BYTES
/** A longer certificate is passed over. */
export const CERTIFICATE_BYTES_LIMIT = 32 * 1024
/** Enough for ServerHello and the server's own certificate; the rest of a chain is not waited for. */
export const FLIGHT_BYTES_LIMIT = 64 * 1024

/**
 * What a server's flight came to.
 * - `told`: ServerHello is in hand, and the certificate too, or it does not come
 * - `alert`: the server wants no handshake, or not this one
 * - `malformed`: this is not TLS
 */
export type FlightEnd =
  | { readonly kind: 'told' }
  | { readonly kind: 'alert'; readonly code: number; readonly name: string }
  | { readonly kind: 'malformed'; readonly detail: string }

export const TOLD: FlightEnd = { kind: 'told' }
const malformed = (detail: string): FlightEnd => ({ kind: 'malformed', detail })

const NOTHING = new Uint8Array(0)

/** Where a part of the messages is. */
interface Fragment {
  from: number
  to: number
}

/**
 * Reads what a server answers to a ClientHello, as far as it has come. Messages may be cut up into records
 * and join in them in any way (§6.2.1), and records into pieces: no byte is waited for that nothing depends
 * on, and none is looked at twice, so that a server which sends them one by one costs no more.
 */
export class ServerFlight {
  /** Whether the stamp's bytes are in hand; the ServerHello around them may not be. */
  hasRandom = false
  hello: ServerHello | undefined
  /** The server's own, in DER. */
  certificate: Uint8Array | undefined
  end: FlightEnd | undefined
  readonly #messages = this.#readMessages()
  /** How many bytes of messages the next step takes. */
  #wanted: number = MESSAGE.header
  /** Bytes of messages that were not taken, and where they are. */
  #count = 0
  #fragments: Fragment[] = []
  #at = 0
  #record = { type: 0, left: 0 }
  #alert: number[] = []

  constructor() {
    this.#messages.next()
  }

  /** `bytes`: all that came, each time from the first byte on. Takes any bytes. */
  read(bytes: Uint8Array): void {
    while (!this.end && this.#at < bytes.length) {
      if (this.#record.left === 0 && !this.#beginRecord(bytes)) return
      const { type, left } = this.#record
      const from = this.#at
      const to = Math.min(from + left, bytes.length)
      this.#at = to
      this.#record.left -= to - from
      if (type === RECORD_TYPE.alert) this.#hearAlert(bytes.subarray(from, to))
      else this.#hearMessages(bytes, { from, to })
    }
  }

  /** After ServerHello nothing can be wrong with the time any more: what is missing is the certificate. */
  #finish(end: FlightEnd): void {
    this.end = this.hello ? TOLD : end
  }

  /** False where the header is not whole, or none. */
  #beginRecord(bytes: Uint8Array): boolean {
    const at = this.#at
    const type = bytes[at + RECORD.type] ?? 0
    const major = bytes[at + RECORD.major]
    const isKnown = type === RECORD_TYPE.handshake || type === RECORD_TYPE.alert
    if (!isKnown || (major !== undefined && major !== MAJOR)) {
      this.#finish(malformed('the answer is not TLS'))
      return false
    }
    if (at + RECORD.header > bytes.length) return false
    const left = uint(bytes, at + RECORD.length, 2)
    if (left === 0 || left > MAX_RECORD_BYTES) {
      this.#finish(malformed(`a TLS record of ${left} bytes`))
      return false
    }
    this.#record = { type, left }
    this.#at = at + RECORD.header
    return true
  }

  /** A warning is passed over, as `unrecognized_name` is one, but not the end that is called one (§7.2.1). */
  #hearAlert(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const level = this.#alert.pop()
      if (level === undefined) this.#alert.push(byte)
      else if (level !== ALERT.warning || byte === ALERT.closeNotify) {
        this.#finish({ kind: 'alert', code: byte, name: alertName(byte) })
        return
      }
    }
  }

  #hearMessages(bytes: Uint8Array, fragment: Fragment): void {
    const last = this.#fragments.at(-1)
    if (last?.to === fragment.from) last.to = fragment.to
    else this.#fragments.push(fragment)
    this.#count += fragment.to - fragment.from
    while (!this.end && this.#count >= this.#wanted) {
      const { done, value } = this.#messages.next(this.#take(bytes, this.#wanted))
      if (done) this.#finish(value)
      else this.#wanted = value
    }
  }

  /** The next bytes of messages: a copy only where they are in several records. */
  #take(bytes: Uint8Array, count: number): Uint8Array {
    this.#count -= count
    const parts: Uint8Array[] = []
    for (let left = count; left > 0;) {
      const fragment = this.#fragments[0]
      if (!fragment) break
      const end = Math.min(fragment.from + left, fragment.to)
      parts.push(bytes.subarray(fragment.from, end))
      left -= end - fragment.from
      if (end === fragment.to) this.#fragments.shift()
      else fragment.from = end
    }
    const [first = NOTHING] = parts
    return parts.length > 1 ? joined(parts, count) : first
  }

  /** Yields how many bytes of messages it takes next, and is given them. */
  *#readMessages(): Generator<number, FlightEnd, Uint8Array> {
    const head = yield MESSAGE.header
    const length = uint(head, MESSAGE.length, 3)
    if (head[MESSAGE.type] !== MESSAGE_TYPE.serverHello) return malformed('no ServerHello')
    if (length < LEAST_HELLO_BYTES || length > MAX_HELLO_BYTES) {
      return malformed(`a ServerHello of ${length} bytes`)
    }
    const start = yield HELLO.sessionId
    this.hasRandom = true
    const rest = yield length - HELLO.sessionId
    const minor = start[HELLO.minor] ?? 0
    if (start[HELLO.major] !== MAJOR || minor > MAX_MINOR || !isHelloRest(rest)) {
      return malformed('a ServerHello that is none')
    }
    this.hello = { minor, random: start.subarray(HELLO.random) }
    this.certificate = yield* firstCertificate()
    return TOLD
  }
}

/** Of the next message, if that is a Certificate; it comes next or not at all (RFC 5246 §7.3). */
function* firstCertificate(): Generator<number, Uint8Array | undefined, Uint8Array> {
  const head = yield MESSAGE.header
  const length = uint(head, MESSAGE.length, 3)
  const isCertificate = head[MESSAGE.type] === MESSAGE_TYPE.certificate
  if (!isCertificate || length < CERTIFICATE.first) return undefined
  const start = yield CERTIFICATE.first
  const list = uint(start, CERTIFICATE.listLength, 3)
  const first = uint(start, CERTIFICATE.firstLength, 3)
  const isInside = list + 3 === length && first + 3 <= list
  if (!isInside || first === 0 || first > CERTIFICATE_BYTES_LIMIT) return undefined
  return yield first
}

/** Session id, cipher suite, compression method, and extensions or nothing (§7.4.1.3). */
const isHelloRest = (rest: Uint8Array): boolean => {
  const id = rest[0] ?? 0
  const extensions = rest.length - 1 - id - AFTER_SESSION_ID_BYTES
  if (id > MAX_SESSION_ID_BYTES || extensions < 0) return false
  return extensions === 0 || uint(rest, rest.length - extensions, 2) + 2 === extensions
}

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
