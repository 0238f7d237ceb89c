import { type DoctorInput, type Finding, severities } from './finding.js'
import { clockFindings } from './findings-clock.js'
import { serviceFindings, toolFindings } from './findings-service.js'
import { sourceFindings } from './findings-source.js'
import { syncFindings } from './findings-sync.js'

/**
 * What is wrong with this machine's time keeping, why, and what repairs it, worst first: only what follows
 * from what was read. Nothing is found where nothing is known, but that it is not known.
 */
export const findings = (input: DoctorInput): readonly Finding[] =>
  [
    ...clockFindings(input),
    ...serviceFindings(input),
    ...syncFindings(input),
    ...sourceFindings(input),
    ...toolFindings(input),
  ].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
