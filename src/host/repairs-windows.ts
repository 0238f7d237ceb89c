import { noSource } from './configured.js'
import { type DoctorInput, clockState } from './finding.js'
import type { Repairs } from './repairs.js'

const SERVICE = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\W32Time`
const NOTIFY = 'w32tm /config /update'
const RESYNC = 'w32tm /resync /rediscover'
const STATUS = 'w32tm /query /status /verbose'
/** With its ending: in PowerShell, `sc` is another command. */
const AUTOMATIC = 'sc.exe config w32time start= auto'

const setValue = (key: string, name: string, value: number): string =>
  `reg add ${SERVICE}\\${key} /v ${name} /t REG_DWORD /d ${value} /f`

export const hypervisorOff: readonly string[] = [
  setValue(String.raw`TimeProviders\VMICTimeProvider`, 'Enabled', 0),
  NOTIFY,
  RESYNC,
  STATUS,
]

export const seedingOff: readonly string[] = [setValue('Config', 'UtilizeSslTimeData', 0), NOTIFY]

/** In place of the trigger for a domain: the service runs while there is a network. Microsoft KB 2385818. */
const NETWORK_TRIGGER = 'sc.exe triggerinfo w32time start/networkon stop/networkoff'

const hasDomainTrigger = ({ reading: { settings } }: DoctorInput): boolean =>
  settings?.domainMember !== true && (settings?.triggers.some(({ on }) => on === 'domain') ?? false)

const configureOf = (input: DoctorInput): readonly string[] =>
  noSource(input) === 'client_off'
    ? [setValue(String.raw`TimeProviders\NtpClient`, 'Enabled', 1), NOTIFY]
    : ['w32tm /config /manualpeerlist:"NTP-SERVER-1 NTP-SERVER-2" /syncfromflags:manual /update']

/** By PowerShell, whose number needs no local format, as that of `time` and `date` does. */
const setByHandOf = (input: DoctorInput): readonly string[] => {
  const { offset, reading } = input
  if (offset && clockState(input) !== 'unsure') {
    const by = Math.round(0 - offset.offset)
    return [`powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(${by}))"`]
  }
  const server = reading.settings?.servers[0] ?? 'NTP-SERVER-1'
  return [
    `w32tm /stripchart /computer:${server} /samples:5 /dataonly`,
    `powershell -Command "Set-Date -Date 'YYYY-MM-DD HH:MM:SS'"`,
  ]
}

export const windowsRepairs = (input: DoctorInput): Repairs => {
  const { facts, settings } = input.reading
  const start = [...(settings?.startType === 'disabled' ? [AUTOMATIC] : []), 'net start w32time']
  const configure = configureOf(input)
  const setByHand = setByHandOf(input)
  const synchronize = [
    ...(facts.running === false ? start : []),
    ...(noSource(input) ? configure : []),
    RESYNC,
    STATUS,
  ]
  return {
    as: 'in a console that was opened as administrator',
    start,
    survive: [...(hasDomainTrigger(input) ? [NETWORK_TRIGGER] : []), AUTOMATIC],
    configure: [...configure, RESYNC, STATUS],
    synchronize,
    setClock: synchronize,
    setByHand: [...setByHand, ...synchronize],
  }
}
