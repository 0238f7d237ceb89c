import { isHostsAlone, noSource } from './configured.js'
import { type DoctorInput, isOff, isRefused } from './finding.js'
import type { Repairs } from './repairs.js'

const SERVICE = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\W32Time`
const NOTIFY = 'w32tm /config /update'
const RESYNC = 'w32tm /resync /rediscover'
const STATUS = 'w32tm /query /status /verbose'
/** With its ending: in PowerShell, `sc` is another command. */
const AUTOMATIC = 'sc.exe config w32time start= auto'

/** 0x8: asked as by a client. Without it W32Time asks as a peer, which many servers do not answer. */
const PEERS = 'NTP-SERVER-1,0x8 NTP-SERVER-2,0x8'

const setValue = (key: string, name: string, value: number): string =>
  `reg add ${SERVICE}\\${key} /v ${name} /t REG_DWORD /d ${value} /f`

/** Only a service that runs can be told that its configuration changed; another one reads it as it starts. */
const notifyOf = ({ reading: { facts } }: DoctorInput): readonly string[] =>
  facts.running === false ? [] : [NOTIFY]

export const seedingOff = (input: DoctorInput): readonly string[] => [
  setValue('Config', 'UtilizeSslTimeData', 0),
  ...notifyOf(input),
]

/** In place of the trigger for a domain: the service runs while there is a network. Microsoft KB 2385818. */
const NETWORK_TRIGGER = 'sc.exe triggerinfo w32time start/networkon stop/networkoff'

const hasDomainTrigger = ({ reading: { settings } }: DoctorInput): boolean =>
  settings?.domainMember !== true && (settings?.triggers.some(({ on }) => on === 'domain') ?? false)

const configureOf = (input: DoctorInput): readonly string[] => {
  const { facts, settings } = input.reading
  const reason = noSource(input)
  if (reason === undefined) return []
  if (reason === 'client_off')
    return [setValue(String.raw`TimeProviders\NtpClient`, 'Enabled', 1), ...notifyOf(input)]
  // A member that left its domain's tree of time would differ from its domain controllers: Kerberos fails.
  const source =
    settings?.domainMember === true
      ? '/syncfromflags:domhier'
      : `/manualpeerlist:"${PEERS}" /syncfromflags:manual`
  return [`w32tm /config ${source}${facts.running === false ? '' : ' /update'}`]
}

const adjust = (bySeconds: number | 'OFFSET'): string =>
  `powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(${bySeconds}))"`

/** By PowerShell, whose number needs no local format, as that of `time` and `date` does. */
const setByHandOf = (input: DoctorInput): readonly string[] => {
  const { offset, reading } = input
  if (offset && isOff(input)) return [adjust(Math.round(0 - offset.offset))]
  const server = reading.settings?.servers[0] ?? 'NTP-SERVER-1'
  return [`w32tm /stripchart /computer:${server} /samples:5 /dataonly`, adjust('OFFSET')]
}

/** It would set the clock back to the host's at once. */
const hypervisorOff = (input: DoctorInput): readonly string[] =>
  input.reading.facts.source?.kind === 'hypervisor'
    ? [setValue(String.raw`TimeProviders\VMICTimeProvider`, 'Enabled', 0), ...notifyOf(input)]
    : []

export const windowsRepairs = (input: DoctorInput): Repairs => {
  const { facts, settings } = input.reading
  const start = [...(settings?.startType === 'disabled' ? [AUTOMATIC] : []), 'net start w32time']
  const isStopped = facts.running === false
  const resync = [...configureOf(input), ...(isStopped ? start : []), RESYNC, STATUS]
  const byHand = isRefused(input) ? setByHandOf(input) : []
  const setClock = isHostsAlone(input) ? [] : [...hypervisorOff(input), ...byHand, ...resync]
  const synchronize = byHand.length > 0 && setClock.length > 0 ? setClock : resync
  return {
    as: 'in a console that was opened as administrator',
    survive: [...(hasDomainTrigger(input) ? [NETWORK_TRIGGER] : []), AUTOMATIC],
    synchronize,
    takeOver: isStopped ? synchronize : [NOTIFY, RESYNC, STATUS],
    setClock,
  }
}
