import type { Test } from 'tap'
import { readLinux } from '../../src/host/linux.js'
import type { HostReading } from '../../src/host/reading.js'
import { systemctlShow } from '../protocol/linux-time-fixtures.js'
import { type FakeLinuxTools, fakeLinuxTools } from './fake-linux-tools.js'

export const SHOW =
  'C UTC systemctl show --property=Id,LoadState,ActiveState,SubState,UnitFileState,ActiveEnterTimestampMonotonic,ConditionResult,ConditionTimestampMonotonic chrony.service chronyd.service chronyd-restricted.service ntpsec.service ntp.service ntpd.service systemd-timesyncd.service'
export const CHRONYC_RUN = 'C UTC chronyc -c -n -m tracking activity sources'
export const NTPQ_RUN = 'C UTC ntpq -n -w -c rv -c peers'
export const NO_SYSTEMD =
  "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n"
export const INIT = { pid: 1, name: 'init' }
export const stopped = { active: 'inactive', entered: '0' }

export type Machine = FakeLinuxTools & {
  units: (units: Readonly<Record<string, string>>) => Promise<void>
  read: (...processes: readonly { pid: number; name: string }[]) => Promise<HostReading>
}

export const machine = async (t: Test, signal = new AbortController().signal): Promise<Machine> => {
  const fakes = await fakeLinuxTools(t)
  return {
    ...fakes,
    units: units => fakes.behave('systemctl', { stdout: systemctlShow(units) }),
    read: (...list) => readLinux({ program: fakes.program, processes: async () => list })(signal),
  }
}
