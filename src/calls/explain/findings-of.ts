import type { Cause } from '../../protocol/causes.js'
import { diagnosticOf } from '../../protocol/diagnostics-catalogue.js'
import { eventCatalogue } from '../../protocol/event-catalogue.js'
import type { PoolTally } from '../pool-calls.js'
import { adviceFor } from './advice.js'
import { judgeClocks } from './clocks.js'
import {
  type EventFindings,
  type FailureFindings,
  type Findings,
  type SipFailureFindings,
  offsetFindings,
} from './findings.js'
import type { Reading } from './reading.js'
import { isSkew, refusing, sum } from './skew.js'

/** What was read, as findings. */
export const findingsOf = (reading: Reading): Findings => {
  const tally = reading.calls.tally()
  const servers = reading.servers.list()
  const sipFailures = sipFailuresOf(tally)
  const voicemailFailures = voicemailFailuresOf(tally)
  const skewed = sipFailures.filter(isSkew)
  const offsets = reading.calls.offsets()
  const clocks = judgeClocks(offsets, refusing(sipFailures), skewed.length > 0)
  const facts = {
    files: reading.files(),
    servers,
    pools: [...new Set(servers.map(one => one.pool))].filter(pool => pool !== '').sort(),
    voicemail_calls: { ...tally.outcomes, unresolved: tally.unresolved },
    voicemail_failures: voicemailFailures,
    sip_failures: sipFailures,
    clock_skew: {
      voicemail_calls: sum(voicemailFailures.filter(isSkew)),
      sip_requests: sum(skewed),
      results: reading.named.results,
      named: reading.named.inSkew,
    },
    clocks: { ...clocks, offsets: clocks.offsets.map(offsetFindings) },
    offsets: offsets.map(offsetFindings),
    events: eventsOf(tally),
    named: reading.named.all,
    evicted_calls: tally.evicted,
  }
  return { ...facts, advice: adviceFor(facts) }
}

const failureOf = (code: string, diagnostic: string, cause: string, count: number) => ({
  sip_code: Number(code),
  diagnostic,
  text: textOf(diagnostic),
  cause: cause as Cause,
  count,
})

/** What is not confirmed is not explained. */
const textOf = (diagnostic: string): string | null => {
  const entry = diagnosticOf(Number(diagnostic))
  return diagnostic === '' || !entry || entry.unverified ? null : entry.text
}

const mostFirst = <T extends { readonly count: number }>(all: readonly T[]): readonly T[] =>
  all.toSorted((a, b) => b.count - a.count)

const voicemailFailuresOf = ({ callFailures }: PoolTally): readonly FailureFindings[] =>
  mostFirst(
    callFailures.map(([[code = '', diagnostic = '', cause = ''], count]) =>
      failureOf(code, diagnostic, cause, count),
    ),
  )

/** The series' servers become one list for each kind of failure. */
const sipFailuresOf = ({ sipFailures }: PoolTally): readonly SipFailureFindings[] => {
  const kinds = new Map<string, SipFailureFindings>()
  for (const [[server = '', code = '', diagnostic = '', cause = ''], count] of sipFailures) {
    const key = JSON.stringify([code, diagnostic, cause])
    const known = kinds.get(key) ?? { ...failureOf(code, diagnostic, cause, 0), servers: {} }
    const servers = { ...known.servers, [server]: (known.servers[server] ?? 0) + count }
    kinds.set(key, { ...known, count: known.count + count, servers })
  }
  return mostFirst([...kinds.values()])
}

const eventsOf = ({ events }: PoolTally): readonly EventFindings[] =>
  mostFirst(
    eventCatalogue.flatMap(({ id, text, cause }) => {
      const of = events.filter(([[, event]]) => event === String(id))
      const servers = Object.fromEntries(of.map(([[server = ''], count]) => [server, count]))
      const count = of.reduce((total, [, value]) => total + value, 0)
      return count > 0 ? [{ event_id: id, text, cause, count, servers }] : []
    }),
  )
