import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'

/** A host as a person writes it: a name or an IP address, with or without a port. */
export interface Address {
  readonly host: string
  readonly port?: number
}

/** Where to send to: a host name or an IP address without brackets, and a port. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Where to listen. */
export interface ListenAddress {
  /** Undefined: every address of this machine. */
  readonly host: string | undefined
  readonly port: number
}

/** `reason` says which half is wrong; `detail` is for people. */
export type ParsedEndpoint =
  | { readonly ok: true; readonly endpoint: Address }
  | { readonly ok: false; readonly reason: 'host' | 'port'; readonly detail: string }

const MAX_NAME = 253 // RFC 1035 §2.3.4, without the trailing dot
const MAX_PORT = 65_535
// RFC 1123 §2.1, and the underscore that Windows names may have.
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
// What getaddrinfo(3) may take for a number, and with it `127.1` or `0x7f.1` for an IPv4 address.
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/i
const BRACKETED = /^\[([^\]]*)\](?::(.*))?$/s

const withoutDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name)

/**
 * Why a text is neither an IP address nor a host name; undefined if it is one. Refused besides: zone
 * ids, which mean nothing to another machine, and numbers that a resolver would take for IPv4.
 */
export const hostFault = (host: string): string | undefined => {
  if (host === '') return 'a host is missing'
  if (host.includes('%')) return 'a zone id (%) is not supported'
  if (isIP(host) !== 0) return undefined
  if (host.includes(':')) return 'not an IPv6 address; with a port write [2001:db8::1]:123'
  const name = withoutDot(host)
  if (name.length > MAX_NAME) return `a host name has at most ${MAX_NAME} characters`
  if (/[^\p{ASCII}]/u.test(name)) return 'write an international name in its xn-- form'
  const labels = name.split('.')
  if (!labels.every(label => LABEL.test(label))) return 'not a host name or an IP address'
  if (NUMERIC_LABEL.test(labels.at(-1) ?? ''))
    return 'not an IP address; write IPv4 as four decimal numbers without leading zeros'
  return undefined
}

const portOf = (text: string): number | undefined => {
  if (!/^[1-9]\d{0,4}$/.test(text)) return undefined
  const port = Number(text)
  return port <= MAX_PORT ? port : undefined
}

const split = (text: string): readonly [host: string, port: string | undefined] => {
  const bracketed = BRACKETED.exec(text)
  if (bracketed !== null) return [bracketed[1] ?? '', bracketed[2]]
  const colon = text.indexOf(':')
  if (colon === -1 || colon !== text.lastIndexOf(':')) return [text, undefined]
  return [text.slice(0, colon), text.slice(colon + 1)]
}

/** `host`, `host:port`, `[v6]:port`, `[v6]` or `v6`. The host is kept as it is written. */
export const parseEndpoint = (text: string): ParsedEndpoint => {
  const [host, portText] = split(text)
  const fault = hostFault(host)
  if (fault !== undefined) return { ok: false, reason: 'host', detail: fault }
  if (text.startsWith('[') && !isIPv6(host))
    return { ok: false, reason: 'host', detail: 'only an IPv6 address is put in brackets' }
  if (portText === undefined) return { ok: true, endpoint: { host } }
  const port = portOf(portText)
  if (port === undefined)
    return { ok: false, reason: 'port', detail: `a port is a number from 1 to ${MAX_PORT}` }
  return { ok: true, endpoint: { host, port } }
}

/** The text that `parseEndpoint` reads back. */
export const formatEndpoint = ({ host, port }: Address): string => {
  if (port === undefined) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** `:10429`, `127.0.0.1:10429`, `[::1]:0`; undefined for anything else. Port 0 takes a free one. */
export const parseListenAddress = (text: string): ListenAddress | undefined => {
  const [, host = '', digits] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > MAX_PORT) return undefined
  if (host === '') return { host: undefined, port }
  const parsed = parseEndpoint(host)
  return parsed.ok && parsed.endpoint.port === undefined
    ? { host: parsed.endpoint.host, port }
    : undefined
}

/** The text that `parseListenAddress` reads back. */
export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  formatEndpoint({ host: host ?? '', port })

/** The port that is written, else the usual one. */
export const endpointAt = (address: Address, usualPort: number): Endpoint => ({
  host: address.host,
  port: address.port ?? usualPort,
})

/**
 * One spelling for each host, to compare by: lower case, no trailing dot, IPv6 as RFC 5952 has it,
 * and IPv4 for an IPv4-mapped IPv6 address. Takes what `hostFault` finds nothing wrong with.
 */
export const canonicalHost = (host: string): string => {
  if (!isIPv6(host)) return withoutDot(host.toLowerCase())
  const { address } = new SocketAddress({ address: host, family: 'ipv6' })
  const mapped = address.replace(/^::ffff:/, '')
  return isIPv4(mapped) ? mapped : address
}
