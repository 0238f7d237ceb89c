import * as fc from 'fast-check'
import type { Test } from 'tap'

/** Asserts a property; a counterexample, with its seed, is the diff. */
export const holds = <Ts>(
  t: Pick<Test, 'equal'>,
  property: fc.IProperty<Ts>,
  parameters: fc.Parameters<Ts> = {},
): void => {
  const result = fc.check(property, parameters)
  const complaint = result.failed ? fc.defaultReportMessage(result) : ''
  t.equal(complaint, '', `holds for ${result.numRuns} cases`)
}
