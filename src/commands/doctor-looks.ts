import type { ReferenceServerSnapshot } from '../clockside/snapshot.js'
import { serviceName } from '../host/finding.js'
import { describeInstant } from '../host/findings-sync.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import { describeDuration, wrapped } from '../text.js'
import type { Diagnosis } from './doctor-format.js'

const COLUMN = 18

/** What the findings rest on, one line a thing. */
export const lookedAt = ({ input, references }: Diagnosis): readonly string[] => {
  const { reading, offset, bootTimestamp } = input
  const { facts, tools } = reading
  const rows: readonly (readonly [string, string | undefined])[] = [
    [
      'time service',
      reading.name === undefined ? 'none found' : `${serviceName(input)}: ${stateOf(facts)}`,
    ],
    ['synchronised', facts.running === false ? undefined : yesNo(facts.synchronized)],
    [
      'since the boot',
      facts.synchronizedSinceBoot === undefined ? undefined : yesNo(facts.synchronizedSinceBoot),
    ],
    [
      'last time',
      facts.lastSyncTimestamp === undefined
        ? undefined
        : `${describeInstant(facts.lastSyncTimestamp)}, by this machine's clock`,
    ],
    ['source', facts.source?.actual],
    ['configured', facts.source?.configured],
    [
      'stratum, leap',
      facts.stratum === undefined ? undefined : `${facts.stratum}, ${facts.leap ?? 'not known'}`,
    ],
    ['corrects', correction(facts)],
    [
      'machine started',
      bootTimestamp === undefined
        ? undefined
        : `${describeInstant(bootTimestamp)}${offset ? '' : ", by this machine's clock"}`,
    ],
    ...references.map(one => ['true time', referenceRow(one)] as const),
    ['asked', tools.map(({ tool, ok }) => (ok ? tool : `${tool} (told nothing)`)).join(', ')],
  ]
  return rows.flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : wrapped(value, ' '.repeat(COLUMN + 4), `   ${name.padEnd(COLUMN)}`),
  )
}

const yesNo = (fact: boolean | undefined): string =>
  fact === undefined ? 'not known' : fact ? 'yes, by its own word' : 'no'

const stateOf = ({ running, survivesReboot }: TimeServiceFacts): string => {
  const now =
    running === undefined ? 'whether it runs is not known' : running ? 'runs' : 'does not run'
  const next =
    survivesReboot === undefined
      ? 'whether after the next reboot is not known'
      : survivesReboot
        ? 'will after the next reboot'
        : 'will not after the next reboot'
  return `${now}, ${next}`
}

const correction = ({ correctionLimits: limits }: TimeServiceFacts): string | undefined => {
  if (!limits) return undefined
  const [ahead, back] = [limits.ahead, limits.back].map(limit =>
    limit === Infinity ? 'any time' : `at most ${describeDuration(limit)}`,
  )
  return `${ahead} ahead, ${back} back`
}

const referenceRow = ({
  server,
  reachable,
  offset,
  falseticker,
  stratum,
}: ReferenceServerSnapshot) => {
  if (!reachable) return `${server}: does not answer`
  if (falseticker) return `${server}: contradicts the others`
  const said = stratum === undefined ? '' : `, stratum ${stratum}`
  return `${server}: answers${said}${offset ? `, ± ${describeDuration(offset.error)}` : ''}`
}
