import { type Random, mulberry32 } from '../../src/demo/trace-text.js'
import { type UnixNs, unixNs } from '../../src/time/units.js'
import { Call } from './incident/call.js'
import { type TextCounts, type TraceFile, filesOf, unitsOf } from './incident/files.js'
import { Journal } from './incident/journal.js'
import { ordinaryFailures } from './incident/ordinary-failures.js'
import { ordinaryCalls } from './incident/ordinary.js'
import { type Layouts, serverNames, servers } from './incident/parties.js'
import { otherRequests } from './incident/requests.js'
import type { Scenario } from './incident/scenario.js'
import { transfers } from './incident/transfers.js'
import { type Truth, addExpected, named, noTruth } from './incident/truth.js'
import { skewFailures } from './incident/voicemail-failures.js'
import { otherVoicemailFailures } from './incident/voicemail-others.js'
import { voicemailCalls } from './incident/voicemail.js'

export interface IncidentOptions {
  readonly calls?: number
  /** Transactions that are no calls. */
  readonly requests?: number
  readonly minutes?: number
  /** True time at the beginning. */
  readonly start?: UnixNs
  /** Share of messages that are sent twice. */
  readonly retransmitted?: number
  readonly noise?: number
  readonly foreign?: number
  readonly strayEnds?: number
  readonly interrupted?: number
  readonly filesPerServer?: number
  /** 3 by default. Both Edges have the same, or a tie between them falls the other way. */
  readonly layouts?: Layouts
  /** Which calls there are; all kinds by default. */
  readonly scenarios?: readonly Scenario[]
}

/** One call as it was played: what to look at when a count is wrong. */
export interface Played {
  readonly callId: string
  readonly scenario: string
  readonly marker: string
  readonly um: string
  readonly sipFailures: readonly string[]
}

export interface Incident {
  /** By server, the oldest first. */
  readonly files: readonly TraceFile[]
  readonly truth: Truth
  readonly played: readonly Played[]
}

export const callScenarios: readonly Scenario[] = [
  ...ordinaryCalls,
  ...ordinaryFailures,
  ...voicemailCalls,
  ...skewFailures,
  ...otherVoicemailFailures,
  ...transfers,
]

/** 2026-03-02T05:30Z: the skewed Edge is still in the day before, and passes midnight on its way. */
const START = unixNs(1_772_429_400_000_000_000n)
const MS_PER_MINUTE = 60_000

/** Each scenario once as far as they go, the rest by their weights. */
const drawn = (scenarios: readonly Scenario[], count: number, random: Random): Scenario[] => {
  const bag = scenarios.flatMap(scenario => Array<Scenario>(scenario.weight).fill(scenario))
  return Array.from(
    { length: count },
    (_, i) => scenarios[i] ?? bag[Math.floor(random() * bag.length)]!,
  )
}

/** The incident as its servers traced it, and what has to be counted in it. Same seed, same bytes. */
export const composeIncident = (seed: number, options: IncidentOptions = {}): Incident => {
  const { calls = 400, requests = 150, minutes = 60, layouts = {}, scenarios } = options
  const random = mulberry32(seed)
  const journal = new Journal(random, { retransmitted: options.retransmitted ?? 0.03 })
  const counts: TextCounts = { records: 0, foreign: 0, strayEnds: 0, interrupted: 0 }
  const truth = noTruth(counts)
  const played: Played[] = []
  const turns = new Map<Scenario, number>()
  const cases = [
    ...drawn(scenarios ?? callScenarios, calls, random),
    ...drawn(otherRequests, requests, random),
  ]
  for (const scenario of cases) {
    const turn = turns.get(scenario) ?? 0
    turns.set(scenario, turn + 1)
    const marker = scenario.markers?.[turn % scenario.markers.length]
    const call = new Call(journal, random, random() * minutes * MS_PER_MINUTE, marker)
    scenario.play(call)
    const { um, sipFailures = [] } = scenario.expect
    addExpected(truth, scenario.expect, call.cast, layouts)
    played.push({
      callId: call.id,
      scenario: scenario.name,
      marker: marker?.name ?? 'none',
      um,
      sipFailures: sipFailures.map(failure => named(failure, call.cast, layouts)),
    })
  }
  const files = written(journal, options, counts, random)
  truth.records = counts.records
  truth.malformed = counts.foreign + counts.interrupted
  return { files, truth, played }
}

const written = (
  journal: Journal,
  options: IncidentOptions,
  counts: TextCounts,
  random: Random,
): TraceFile[] => {
  const text = {
    start: options.start ?? START,
    layouts: options.layouts ?? {},
    noise: options.noise ?? 1,
    foreign: options.foreign ?? 0.001,
    strayEnds: options.strayEnds ?? 0.002,
    interrupted: options.interrupted ?? 0,
    filesPerServer: options.filesPerServer ?? 3,
  }
  return serverNames.flatMap(name => {
    const server = servers[name]
    const entries = journal.entries.filter(entry => entry.server === server)
    const units = unitsOf(server, entries, text, counts, random)
    return filesOf(server, units, text.filesPerServer, random)
  })
}
