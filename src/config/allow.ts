import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { type Config, wholePool } from './config.js'
import { canonicalHost, hostFault } from './endpoint.js'

/** What one entry of `probe.allow` admits. */
export type AllowEntry =
  | { readonly kind: 'host'; readonly host: string } // canonical: an address or a name
  | { readonly kind: 'domain'; readonly suffix: string } // `.contoso.com`: every name below it
  | { readonly kind: 'network'; readonly address: string; readonly prefix: number }

export type ParsedAllowEntry =
  | { readonly ok: true; readonly entry: AllowEntry }
  | { readonly ok: false; readonly detail: string }

const MAPPED_BITS = 96 // ::ffff:0:0/96 holds IPv4

const wrong = (detail: string): ParsedAllowEntry => ({ ok: false, detail })

const network = (address: string, length: string): ParsedAllowEntry => {
  const bits = isIPv4(address) ? 32 : 128
  const prefix = Number(length)
  if (isIP(address) === 0 || address.includes('%'))
    return wrong('a network is an IP address and its prefix length, such as 192.0.2.0/24')
  if (!/^\d{1,3}$/.test(length) || prefix > bits)
    return wrong(`the prefix length of this network is from 0 to ${bits}`)
  const canonical = canonicalHost(address)
  if (isIPv6(address) && isIPv4(canonical) && prefix >= MAPPED_BITS)
    return {
      ok: true,
      entry: { kind: 'network', address: canonical, prefix: prefix - MAPPED_BITS },
    }
  return { ok: true, entry: { kind: 'network', address, prefix } }
}

/** `192.0.2.0/24`, `2001:db8::/32`, an address, a host name, or `*.domain`. */
export const parseAllowEntry = (text: string): ParsedAllowEntry => {
  const [address = '', length, ...more] = text.split('/')
  if (length !== undefined && more.length === 0) return network(address, length)
  const wildcard = text.startsWith('*.')
  const host = wildcard ? text.slice(2) : text
  const fault = hostFault(host)
  if (fault !== undefined) return wrong(fault)
  const canonical = canonicalHost(host)
  if (!wildcard) return { ok: true, entry: { kind: 'host', host: canonical } }
  if (isIP(canonical) !== 0) return wrong('*. stands before a domain, not before an address')
  return { ok: true, entry: { kind: 'domain', suffix: `.${canonical}` } }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

/**
 * Whether /probe may be pointed at a host (without its port: any port of an allowed host may be
 * asked). Allowed are the pools' servers by address, not the reference servers, and `probe.allow`.
 * A name is matched as text and never resolved, so a name cannot match a network; what is neither an
 * IP address nor a host name (`0x7f.1`, `127.1`, `2130706433`) is never allowed.
 */
export const allowProbe = (
  config: Pick<Config, 'pools' | 'probe'>,
): ((host: string) => boolean) => {
  const hosts = new Set<string>()
  const suffixes: string[] = []
  // One list for each family: Node's own holds every IPv4 address to be in ::/0.
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const server of config.pools.flatMap(wholePool))
    hosts.add(canonicalHost(server.address.host))
  for (const text of config.probe.allow) {
    const parsed = parseAllowEntry(text)
    if (!parsed.ok) continue
    const { entry } = parsed
    if (entry.kind === 'host') hosts.add(entry.host)
    else if (entry.kind === 'domain') suffixes.push(entry.suffix)
    else {
      const family = familyOf(entry.address)
      networks[family].addSubnet(entry.address, entry.prefix, family)
    }
  }
  return host => {
    if (hostFault(host) !== undefined) return false
    const canonical = canonicalHost(host)
    if (hosts.has(canonical)) return true
    if (isIP(canonical) === 0) return suffixes.some(suffix => canonical.endsWith(suffix))
    const family = familyOf(canonical)
    return networks[family].check(canonical, family)
  }
}
