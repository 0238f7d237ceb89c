import { formatEndpoint } from '../config/endpoint.js'
import type { Platform } from '../net/platform.js'
import type { Reader } from '../pools/reader.js'
import type { PoolServer } from '../pools/server.js'
import type { HostClock } from '../reference/host-clock.js'
import type { Consensus, Reference } from '../reference/reference.js'
import type { ReferenceServer } from '../reference/server.js'
import type { Witness } from '../reference/witness.js'
import { type Interval, halfWidth, midpoint, minus } from '../time/interval.js'
import { type Drift, estimate } from '../time/tracker.js'
import { type MonoNs, type Seconds, elapsed, toSeconds } from '../time/units.js'
import { isName, moduleFacts } from './module-facts.js'
import type {
  HostSnapshot,
  ModuleSnapshot,
  Offset,
  ReferenceServerSnapshot,
  ReferenceSnapshot,
  ServerSnapshot,
  Snapshot,
} from './snapshot.js'

export interface Watched {
  readonly platform: Platform
  readonly reference: Reference
  readonly witness: Witness
  readonly host: HostClock
  readonly servers: Iterable<PoolServer>
}

/** All that is known now. Offsets are against true time, and only while that is known. */
export const report = ({ platform, reference, witness, host, servers }: Watched): Snapshot => {
  const now = platform.clock.mono()
  const consensus = reference.consensus(now)
  return {
    reference: referenceSnapshot(reference, witness, consensus, now),
    host: hostSnapshot(host, consensus, now),
    servers: Array.from(servers, server =>
      serverSnapshot(server, platform, reference, consensus, now),
    ),
  }
}

/** clock − true time, from both against our monotonic clock. */
export const offsetOf = (clock: Interval, trueTime: Interval): Offset => {
  const difference = minus(clock, trueTime)
  return { offset: toSeconds(midpoint(difference)), error: toSeconds(halfWidth(difference)) }
}

const referenceSnapshot = (
  reference: Reference,
  { agrees }: Witness,
  consensus: Consensus,
  now: MonoNs,
): ReferenceSnapshot => ({
  synchronized: consensus.synchronized,
  ...(consensus.interval && { error: toSeconds(halfWidth(consensus.interval)) }),
  ...(consensus.age !== undefined && { age: toSeconds(consensus.age) }),
  agreeing: consensus.quorum.ok ? consensus.quorum.members.length : 0,
  ...(agrees !== undefined && { witnessAgrees: agrees }),
  servers: reference.servers.map(server => referenceServer(server, consensus, now)),
})

const referenceServer = (
  server: ReferenceServer,
  { interval, quorum }: Consensus,
  now: MonoNs,
): ReferenceServerSnapshot => {
  const vote = server.vote(now)
  const { sample, packet } = server
  return {
    server: server.options.name,
    reachable: server.reachable,
    ...(vote && interval && { offset: offsetOf(vote, interval) }),
    ...(vote && sample && { rtt: toSeconds(sample.rtt) }),
    ...(server.reachable && packet && { stratum: packet.stratum, leap: packet.leap }),
    ...(vote && quorum.ok && { falseticker: quorum.falsetickers.includes(server) }),
    failures: server.failures.counts(),
    discards: server.discards.counts(),
  }
}

const hostSnapshot = (host: HostClock, consensus: Consensus, now: MonoNs): HostSnapshot => {
  const wall = host.offset(now)
  return {
    ...(wall && consensus.interval && { offset: offsetOf(wall, consensus.interval) }),
    steps: host.steps,
    ...(host.lastStep !== undefined && { lastStep: toSeconds(host.lastStep) }),
    suspends: host.suspends,
  }
}

const serverSnapshot = (
  server: PoolServer,
  platform: Platform,
  reference: Reference,
  consensus: Consensus,
  now: MonoNs,
): ServerSnapshot => {
  const { interval: trueTime } = consensus
  const clock = server.clock(now)
  const drift = driftOf(clock.drift, reference.drift(consensus))
  return {
    pool: server.options.pool,
    server: server.options.name,
    address: formatEndpoint(server.options.address),
    ...(clock.interval && trueTime && { offset: offsetOf(clock.interval, trueTime) }),
    ...(clock.lastAt !== undefined && {
      lastReadingTimestamp: timestamp(clock.lastAt, now, platform, trueTime),
    }),
    ...(clock.consistent !== undefined && { consistent: clock.consistent }),
    ...(clock.contradicting.length > 0 && { contradicting: clock.contradicting }),
    ...(drift !== undefined && { driftRatio: drift }),
    contradictions: clock.contradictions,
    steps: clock.steps,
    ...(clock.lastStep && { lastStep: toSeconds(clock.lastStep.size) }),
    // Modules that contradict each other are of several computers: what they say, joined, is of none.
    service: clock.consistent === false ? {} : server.facts(),
    modules: server.readers.map(reader => moduleSnapshot(reader, trueTime, now)),
  }
}

/** What a drift has to be known to before it is told. */
const DRIFT_ERROR_LIMIT = 50e-6

/** The server against true time, from both against our monotonic clock. */
const driftOf = (clock: Drift | undefined, trueTime: Drift | undefined): number | undefined =>
  clock && trueTime && clock.error + trueTime.error <= DRIFT_ERROR_LIMIT
    ? clock.ratio - trueTime.ratio
    : undefined

const moduleSnapshot = (
  { options, last, rtt, track, facts, computers, failures, discards }: Reader,
  trueTime: Interval | undefined,
  now: MonoNs,
): ModuleSnapshot => {
  const clock = last?.ok ? estimate(track, now) : undefined
  const answersAs = [...new Set(computers.filter(isName))].sort()
  return {
    module: options.module.name,
    ...(last && { success: last.ok, duration: toSeconds(last.duration) }),
    ...(last?.reason && { reason: last.reason }),
    ...(last?.ok && rtt !== undefined && { rtt: toSeconds(rtt) }),
    ...(clock && trueTime && { offset: offsetOf(clock, trueTime) }),
    ...(last?.ok && moduleFacts(facts, clock, now)),
    ...(last?.ok && answersAs.length > 1 && { answersAs }),
    failures: failures.counts(),
    discards: discards.counts(),
  }
}

const timestamp = (
  at: MonoNs,
  now: MonoNs,
  { clock }: Platform,
  trueTime: Interval | undefined,
): Seconds =>
  trueTime ? toSeconds(midpoint(trueTime) + at) : toSeconds(clock.wall() - elapsed(at, now))
