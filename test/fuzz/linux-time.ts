import { chronyFacts, parseChronyc } from '../../src/protocol/chronyc.js'
import { ntpdFacts, parseNtpq } from '../../src/protocol/ntpq.js'
import { parseUnits, unitRuns, unitSurvives } from '../../src/protocol/systemctl.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import { parseTimedatectl, parseTimesync, timesyncdFacts } from '../../src/protocol/timedatectl.js'
import {
  CHRONYC,
  NTPQ,
  TIMESYNC,
  systemctlShow,
  timedatectlShow,
  unitBlock,
} from '../protocol/linux-time-fixtures.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const isPrintable = (value: string | undefined, most: number): boolean =>
  value === undefined || (/^[\x20-\x7e]*$/.test(value) && value.length <= most)

const checkFacts = (facts: TimeServiceFacts): void => {
  const { leap = 0, stratum = 1, lastSyncTimestamp = 1, source, ...rest } = facts
  check(Number.isInteger(leap) && leap >= 0 && leap <= 3, `leap ${leap}`)
  check(Number.isInteger(stratum) && stratum >= 0 && stratum <= 100, `stratum ${stratum}`)
  check(Number.isFinite(lastSyncTimestamp), `last synchronised ${lastSyncTimestamp}`)
  check(!rest.synchronized || rest.synchronizedSinceBoot !== false, 'synchronised, and never')
  check(!rest.synchronized || source?.kind !== 'own', 'synchronised with itself')
  check(isPrintable(source?.actual, 100), 'a source that is no name')
  check(isPrintable(source?.configured, 200), 'a list of servers that is none')
}

export const linuxTimeKinds: Readonly<Record<string, Kind>> = {
  chronyc: {
    valid: Object.values(CHRONYC),
    run: input => {
      const report = parseChronyc(input)
      if (report) checkFacts(chronyFacts(report))
    },
  },
  ntpq: {
    valid: Object.values(NTPQ),
    run: input => {
      const report = parseNtpq(input)
      if (report) checkFacts(ntpdFacts(report))
    },
  },
  timedatectl: {
    valid: [...Object.values(TIMESYNC), timedatectlShow('yes'), timedatectlShow('no')],
    run: input => {
      const timesync = parseTimesync(input)
      checkFacts(timesyncdFacts(parseTimedatectl(input), timesync))
      checkFacts(timesyncdFacts({ isSynchronized: true }, timesync))
      checkFacts(timesyncdFacts({ isSynchronized: false }, timesync))
    },
  },
  systemctl: {
    valid: [systemctlShow({}), systemctlShow({ 'ntp.service': unitBlock('ntp.service') })],
    run: input => {
      for (const unit of parseUnits(input)) {
        check(isPrintable(unit.id, 100) && unit.id !== '', 'a unit without a name')
        unitRuns(unit)
        unitSurvives(unit)
      }
    },
  },
}
