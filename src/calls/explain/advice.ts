import { describeDuration, listed } from '../../text.js'
import type { Advice, Findings, OffsetFindings } from './findings.js'
import { serversNamed } from './names.js'
import { refusing } from './skew.js'

type Facts = Omit<Findings, 'advice'>

/** W32Time's MaxPosPhaseCorrection and MaxNegPhaseCorrection on a host outside a domain, in seconds. */
const LARGEST_CORRECTION = 54_000

/**
 * What to do: only what follows from the findings and is documented. A failure with another cause than a
 * clock gets no repair here, for none is known to be right.
 */
export const adviceFor = (facts: Facts): readonly Advice[] => {
  const { verdict } = facts.clocks
  switch (verdict) {
    case 'wrong_by_majority':
    case 'wrong_by_failures':
      return [
        ...(verdict === 'wrong_by_failures' ? [readBoth(facts)] : []),
        setClock(facts),
        surviveReboot(facts),
        confirm(facts),
      ]
    case 'contradiction':
      return [readBoth(facts)]
    case 'elsewhere':
    case 'not_compared':
      return facts.clock_skew.sip_requests + facts.clock_skew.voicemail_calls > 0
        ? [findNode(facts)]
        : []
    case 'agreement':
      return []
  }
}

const wrongOnes = (facts: Facts): readonly string[] =>
  serversNamed(
    facts,
    facts.clocks.offsets.map(one => one.server),
  )

/** By its address: the name in a trace need not be known where this is typed. */
const readCommand = (host: string): string =>
  `edgeclock read ADDRESS-OF-${host} --reference=NTP-SERVER`

/** An Edge server seldom answers NTP from outside. On the server itself, this needs nothing but Windows. */
const ON_SERVER = 'w32tm /stripchart /computer:NTP-SERVER /samples:5 /dataonly'
const HOW_TO_READ = `The first command needs NTP (UDP port 123) on the server; where it does not answer, run the last one on the server itself.`

const setClock = (facts: Facts): Advice => {
  const far = facts.clocks.offsets.filter(isTooFar)
  const byHand =
    far.length > 0
      ? ` Set the clock by hand first: outside a domain the time service refuses to correct more than ${describeDuration(LARGEST_CORRECTION)}.`
      : ''
  return {
    what: `On ${listed(wrongOnes(facts))}: restart the time service and have it synchronise; then look at what it says.`,
    why:
      `It has no right time. While "Last Successful Sync Time" is unspecified or the source is "Local CMOS Clock" or "Free-running System Clock", it has not synchronised, whatever else it says. ` +
      `With "VM IC Time Synchronization Provider" as its source, the hypervisor's host is to be set. The line with /config is only for where no peers are listed.${byHand}`,
    commands: [
      'w32tm /query /status /verbose',
      'w32tm /query /peers',
      'net stop w32time',
      'net start w32time',
      'w32tm /config /manualpeerlist:NTP-SERVER /syncfromflags:manual /update',
      'w32tm /resync /rediscover',
      'w32tm /query /status /verbose',
    ],
  }
}

const isTooFar = ({ offset_seconds: offset }: OffsetFindings): boolean =>
  Math.abs(offset) > LARGEST_CORRECTION

const surviveReboot = (facts: Facts): Advice => ({
  what: `On ${listed(wrongOnes(facts))}, where it is in no domain (an Edge is in none): make it survive the next reboot.`,
  why: 'Outside a domain the time service is started by a trigger, and stops right after boot even when its start type is AUTO_START (Microsoft KB 2385818): nothing then sets the clock, and nobody is told. Where sc.exe qtriggerinfo lists a domain trigger, replace it by one for the network.',
  commands: [
    'sc.exe qc w32time',
    'sc.exe qtriggerinfo w32time',
    'sc.exe triggerinfo w32time start/networkon stop/networkoff',
    'sc.exe config w32time start= auto',
  ],
})

const confirm = (facts: Facts): Advice => {
  const wrong = wrongOnes(facts)
  return {
    what: 'Confirm it: read the clock from outside, then call a user who does not answer, from inside, and reach voicemail.',
    why:
      'A time service that has just started says "0 s since the last good sync" without ever having had one; only a reading from outside, and a call that gets through, prove anything. ' +
      HOW_TO_READ,
    commands: [...wrong.map(readCommand), ON_SERVER],
  }
}

const readBoth = (facts: Facts): Advice => {
  const { offsets, agreeing, verdict } = facts.clocks
  const names = new Set(offsets.flatMap(({ server, peer }) => [server, peer]))
  const hosts = serversNamed(facts, [...names])
  return {
    what: `Read the clocks of ${listed(hosts)} before one of them is set.`,
    why:
      verdict === 'wrong_by_failures' && agreeing.length > 0
        ? 'Two clocks differ, and one of them refuses what the other has signed: that makes it the likelier to be wrong, not surely so. The trace of a third server, or a reading, tells.'
        : 'Their clocks differ, and nothing in the traces tells which of them is right. The trace of a third server, or a reading, tells.',
    commands: [...hosts.map(readCommand), ON_SERVER],
  }
}

const findNode = (facts: Facts): Advice => {
  const signers = new Set(facts.clock_skew.named.signers.map(shortOf))
  // Who signed has only passed the refusal on: the trace of who refused is not here.
  const refused = [...refusing(facts.sip_failures)].filter(
    name => name !== '' && !signers.has(shortOf(name)),
  )
  if (refused.length > 0) return readRefusing(facts, serversNamed(facts, refused))
  const pools = facts.clock_skew.named.edge_pools
  const where =
    pools.length > 0
      ? `each node of ${listed(pools)}`
      : 'each Edge server and each Front End that takes part'
  return {
    what: `Read the clock of ${where}, or give this command the Edges' traces too.`,
    why: 'A response never names the node whose clock is wrong; a reading of each clock, or the traces of both sides of a call, do tell.',
    commands: [readCommand('NODE'), ON_SERVER, 'edgeclock explain FRONT-END.log EDGE.log'],
  }
}

const shortOf = (host: string): string => host.toLowerCase().split('.', 1)[0] ?? ''

/** The trace of who refused is there, that of who signed is not. */
const readRefusing = (facts: Facts, refused: readonly string[]): Advice => {
  const { signers } = facts.clock_skew.named
  const signed = signers.length > 0 ? listed(signers) : 'the Front Ends'
  return {
    what: `Read the clock of ${listed(refused)} first, then those of ${signed}; or give this command the Front Ends' traces of the same time too.`,
    why: `${listed(refused)} refused what ${signed} had signed: one of the two clocks is wrong, and more often it is that of who refuses. ${HOW_TO_READ}`,
    commands: [
      ...refused.map(readCommand),
      ...signers.map(readCommand),
      ON_SERVER,
      'edgeclock explain FRONT-END.log EDGE.log',
    ],
  }
}
