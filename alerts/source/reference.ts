import type { Alert } from './alert.js'
import { last } from './promql.js'

const onReference = {
  component: 'reference',
  dashboard: 'edgeclock-exporter',
  // `server` is a reference server here, which no dashboard has as a variable.
  variables: [],
} as const

export const referenceAlerts: readonly Alert[] = [
  {
    ...onReference,
    name: 'EdgeclockReferenceLost',
    severity: 'warning',
    when: 'an exporter does not know true time any more',
    expr: `${last('edgeclock_reference_synchronized')} == 0`,
    for: '1m',
    summary: 'An exporter does not know true time.',
    description:
      'The exporter {{ $labels.instance }} does not know true time, so it cannot judge any clock well: where it runs, run `edgeclock read NTP-SERVER-1` for each server under `reference.servers`, and let UDP port 123 through to them.',
  },
  {
    ...onReference,
    name: 'EdgeclockReferenceFalseticker',
    severity: 'warning',
    when: 'a reference server contradicts the majority',
    expr: `${last('edgeclock_reference_server_falseticker')} == 1`,
    for: '15m',
    summary: 'A reference server tells a wrong time.',
    description:
      'The reference server {{ $labels.server }} contradicts the majority that the exporter {{ $labels.instance }} sees, and is outvoted: run `edgeclock read {{ $labels.server }}` with another server as `--reference`, then have it repaired or take it out of `reference.servers`.',
  },
  {
    ...onReference,
    name: 'EdgeclockReferenceUnreachable',
    severity: 'info',
    when: 'a reference server does not answer',
    expr: `${last('edgeclock_reference_server_reachable')} == 0`,
    for: '30m',
    summary: 'A reference server does not answer.',
    description:
      'The reference server {{ $labels.server }} does not answer the exporter {{ $labels.instance }}: run `edgeclock read {{ $labels.server }}` there, and let UDP port 123 through or name another server under `reference.servers`.',
  },
  {
    ...onReference,
    name: 'EdgeclockReferenceWitnessDisagrees',
    severity: 'warning',
    when: 'a second, independent NTP client finds another time',
    expr: `${last('edgeclock_reference_witness_agrees')} == 0`,
    for: '15m',
    summary: 'An independent NTP client finds another time than the exporter.',
    description:
      'On the exporter {{ $labels.instance }} a second, independent NTP client disagrees with true time as edgeclock knows it: run `edgeclock read NTP-SERVER-1` there for each server under `reference.servers`, and compare with a clock that you trust.',
  },
]
