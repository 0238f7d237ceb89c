import type { Cause } from './causes.js'

/**
 * One id of ms-diagnostics: what it says and why calls fail with it. [MS-OCER] 2.2.1 and what servers
 * were seen to send.
 */
export interface DiagnosticEntry {
  readonly id: number
  readonly text: string
  readonly cause: Cause
  /** The real reason stands elsewhere: in another header, or nowhere. It yields to any other. */
  readonly says?: 'nothing'
  /** Not confirmed by a specification or a trace: it is counted so, and never explained to a person. */
  readonly unverified?: true
}

const entry = (id: number, cause: Cause, text: string): DiagnosticEntry => ({ id, cause, text })
const unverified = (id: number, cause: Cause, text: string): DiagnosticEntry => ({
  ...entry(id, cause, text),
  unverified: true,
})
const saysNothing = (id: number, cause: Cause, text: string): DiagnosticEntry => ({
  ...entry(id, cause, text),
  says: 'nothing',
})

/** A family of ids of which no more is known than where they come from. */
const family = (from: number, to: number, cause: Cause, text: string): readonly DiagnosticEntry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, cause, text))

const known: readonly DiagnosticEntry[] = [
  entry(1000, 'authentication', 'Final handshake failed'),
  entry(1001, 'authorization', 'From URI is not authorized for public IM'),
  entry(1002, 'authorization', 'From URI is not authorized for federated partners'),
  entry(1003, 'routing', 'User does not exist'),
  entry(1004, 'routing', 'Route set is no longer valid'),
  entry(1005, 'routing', 'Cannot route to the destination domain'),
  entry(1006, 'routing', 'Error routing on a client connection'),
  entry(1007, 'routing', 'Temporarily cannot route'),
  entry(1008, 'dns', 'DNS SRV record could not be resolved'),
  entry(1009, 'dns', 'DNS SRV record and domain contradict each other'),
  entry(1010, 'certificate', 'Certificate trust with the next-hop server could not be established'),
  saysNothing(1011, 'other', 'The previous hop gave no diagnostics'),
  entry(1012, 'authorization', 'From URI is not authorized outside the enterprise'),
  entry(1013, 'clock_skew', 'Significant time skew detected during authentication'),
  entry(1014, 'dns', 'DNS A record could not be resolved'),
  entry(1017, 'routing', 'Cannot route From and To domains in this combination'),
  unverified(1018, 'identity', 'Referrer could not be parsed'),
  unverified(1019, 'identity', 'Referred-By parameters are wrong'),
  entry(
    1020,
    'identity',
    'Identity of the referrer could not be verified with the ms-identity parameter; by a wrong clock where HRESULT names DATE_SKEWED',
  ),
  unverified(1021, 'identity', 'ms-identity-cookie failed its integrity check'),
  entry(1027, 'federation', 'Cannot route to or from federated partners'),
  entry(1034, 'federation', 'The federated peer gave no diagnostics'),
  unverified(1036, 'federation', 'The peer of the shared address space gave no diagnostics'),
  unverified(1038, 'network', 'Failed to connect to a peer'),
  unverified(1046, 'network', 'Failed to connect to a federated peer'),
  entry(1047, 'certificate', 'TLS negotiation with a federated peer failed'),
  entry(4003, 'authorization', 'From URI is not enabled for remote access'),
  entry(4004, 'authorization', 'Credentials are not authorized'),
  saysNothing(10_003, 'other', 'The proxy returned a SIP failure code'),
  entry(12_004, 'pstn', 'No route to the number'),
  entry(12_006, 'pstn', 'Trying the next hop'),
  entry(15_000, 'um_routing', "The user's properties could not be read"),
  entry(15_030, 'um_routing', 'Failed to route to the Exchange server'),
]

const families: readonly DiagnosticEntry[] = [
  ...family(12_000, 12_012, 'pstn', 'Outbound routing to the telephone network'),
  ...family(13_000, 13_011, 'routing', 'Inbound routing'),
  ...family(15_001, 15_038, 'um_routing', 'Routing to Exchange Unified Messaging'),
]

/** Every id that is a label of its own, in order. */
export const diagnosticsCatalogue: readonly DiagnosticEntry[] = [
  ...new Map([...families, ...known].map(one => [one.id, one])).values(),
].sort((a, b) => a.id - b.id)

const byId = new Map(diagnosticsCatalogue.map(one => [one.id, one]))

export const diagnosticOf = (id: number): DiagnosticEntry | undefined => byId.get(id)

/** Of an id that is not in the catalogue: its range still says whose it is. [MS-OCER] 2.2.1. */
export const causeOfRange = (id: number): Cause => {
  if (id >= 15_000 && id <= 15_999) return 'um_routing'
  if (id >= 12_000 && id <= 12_999) return 'pstn'
  if (id >= 13_000 && id <= 13_999) return 'routing'
  return 'other'
}
