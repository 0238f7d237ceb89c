/**
 * Why a clock was not read. A closed set, fit to be a metric label.
 * - `timeout`: nothing, or nothing whole, came back in time
 * - `refused`: the port is closed
 * - `unreachable`: no route to the host, or the network is down
 * - `dns`: the name has no address, or none was found in time
 * - `tls`: the TLS handshake failed
 * - `protocol`: an answer came, but it is not of this protocol, or not to our request
 * - `unauthenticated`: the answer's authentication is missing or wrong
 * - `no_time`: the server answers, but has no time to give
 * - `implausible`: the answer's stamps cannot be true
 * - `kiss_of_death`: the server asks us to stop asking, or to ask less
 * - `aborted`: given up by us: shutdown, reload, a jump of our own clocks, no true time to compare with
 */
export const reasons = [
  'timeout',
  'refused',
  'unreachable',
  'dns',
  'tls',
  'protocol',
  'unauthenticated',
  'no_time',
  'implausible',
  'kiss_of_death',
  'aborted',
] as const
export type Reason = (typeof reasons)[number]

/** An expected failure. `detail` is for people: one line, no label. */
export interface Failure {
  readonly ok: false
  readonly reason: Reason
  readonly detail: string
}

export const failure = (reason: Reason, detail: string): Failure => ({ ok: false, reason, detail })

const byCode: { readonly [code: string]: Reason } = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  // A host firewall's verdict on our own datagram.
  EPERM: 'unreachable',
  EACCES: 'unreachable',
  ETIMEDOUT: 'timeout',
  // We ran out of descriptors: that is no fault of the server's.
  EMFILE: 'aborted',
  ENFILE: 'aborted',
  ENOBUFS: 'aborted',
}

/** What a system call's error means here; `unreachable` where it is none of the usual ones. */
export const failureOf = (error: Error): Failure => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return failure(byCode[code] ?? 'unreachable', error.message)
}
