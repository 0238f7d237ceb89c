import type { Cast } from './call.js'
import type { TextCounts } from './files.js'
import { type Layouts, serverLabel, serverNames, servers } from './parties.js'
import type { Expectation } from './scenario.js'

/** What was composed, as it has to be counted. */
export interface Truth {
  readonly umCalls: { answered: number; failed: number; abandoned: number }
  umUnresolved: number
  /** `code|diagnostic|cause` → calls. */
  readonly umFailures: Map<string, number>
  /** `server|code|diagnostic|cause` → requests. */
  readonly sipFailures: Map<string, number>
  /** TF_PROTOCOL and TF_DIAG records with both marks. */
  records: number
  /** Records that begin and are not to be had: another product's, and interrupted ones. */
  malformed: number
  readonly kinds: Readonly<TextCounts>
  /** `A-B` → A's clock − B's clock, seconds. */
  readonly offsets: Readonly<Record<string, number>>
}

/** The differences of the clocks are whole tenths of a second. */
const tenths = (value: number): number => Math.round(value * 10) / 10

export const noTruth = (kinds: TextCounts): Truth => ({
  umCalls: { answered: 0, failed: 0, abandoned: 0 },
  umUnresolved: 0,
  umFailures: new Map(),
  sipFailures: new Map(),
  records: 0,
  malformed: 0,
  kinds,
  offsets: Object.fromEntries(
    serverNames.flatMap(a =>
      serverNames
        .filter(b => b !== a)
        .map(b => [`${a}-${b}`, tenths(servers[a].offsetSeconds - servers[b].offsetSeconds)]),
    ),
  ),
})

const count = (map: Map<string, number>, key: string): void => {
  map.set(key, (map.get(key) ?? 0) + 1)
}

/** A role's name in a failure becomes the label of the server that has the role in this call. */
export const named = (failure: string, cast: Cast, layouts: Layouts): string => {
  const [role = '', ...rest] = failure.split('|')
  if (!(role in cast)) throw new Error(`no such role: ${failure}`)
  return [serverLabel(cast[role as keyof Cast].name, layouts), ...rest].join('|')
}

/** Adds what one call has to be counted as. */
export const addExpected = (
  truth: Truth,
  expect: Expectation,
  cast: Cast,
  layouts: Layouts,
): void => {
  const { um, umFailure, sipFailures = [] } = expect
  if ((um === 'failed') !== (umFailure !== undefined)) throw new Error(`${um} with ${umFailure}`)
  if (um === 'unresolved') truth.umUnresolved++
  else if (um !== 'none') truth.umCalls[um]++
  if (umFailure !== undefined) count(truth.umFailures, umFailure)
  for (const failure of sipFailures) count(truth.sipFailures, named(failure, cast, layouts))
}
