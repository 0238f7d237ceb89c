import type { TimeServiceName } from '../protocol/time-service.js'
import { noSource } from './configured.js'
import { type DoctorInput, isOff, isRefused } from './finding.js'
import type { Repairs } from './repairs.js'

/** What makes a service look for its servers, and shows what came of it. */
const resyncOf = (
  name: TimeServiceName | undefined,
  restart: readonly string[],
): readonly string[] => {
  if (name === undefined || name === 'w32time') return []
  switch (name) {
    case 'chrony':
      return ['chronyc online', 'chronyc burst 4/4', 'chronyc waitsync 6', 'chronyc tracking']
    case 'ntpd':
      return [...restart, 'ntpq -n -c peers']
    case 'timesyncd':
      return [...restart, 'timedatectl timesync-status']
  }
}

/** Debian's package names its unit by the project, and has a folder for its files; the others do not. */
const fileOf = (name: 'chrony' | 'ntpd', unit: string | undefined): string => {
  if (name === 'chrony')
    return unit === 'chrony.service' ? '/etc/chrony/chrony.conf' : '/etc/chrony.conf'
  return unit === 'ntpsec.service' ? '/etc/ntpsec/ntp.conf' : '/etc/ntp.conf'
}

const TIMESYNCD_FOLDER = '/etc/systemd/timesyncd.conf.d'

const addServers = ({ name, unit }: DoctorInput['reading']): readonly string[] => {
  if (name === undefined || name === 'w32time') return []
  switch (name) {
    case 'chrony':
    case 'ntpd':
      return [`echo 'server NTP-SERVER-1 iburst' >> ${fileOf(name, unit)}`]
    case 'timesyncd':
      return [
        `mkdir -p ${TIMESYNCD_FOLDER}`,
        String.raw`printf '[Time]\nNTP=NTP-SERVER-1 NTP-SERVER-2\n' > ${TIMESYNCD_FOLDER}/servers.conf`,
      ]
  }
}

/** `--set` takes a time relative to now, in GNU's date. */
const setByHandOf = (input: DoctorInput): readonly string[] => {
  const { offset } = input
  if (!offset || !isOff(input)) return ["date --utc --set='YYYY-MM-DD HH:MM:SS'"]
  const by = Math.round(0 - offset.offset)
  return [`date --set='${by < 0 ? '' : '+'}${by} seconds'`]
}

const NOT_AT_BOOT = new Set(['disabled', 'masked', 'enabled-runtime'])

export const linuxRepairs = (input: DoctorInput): Repairs => {
  const { name, unit, facts, systemd } = input.reading
  const state = systemd?.unitFileState ?? ''
  const enable = NOT_AT_BOOT.has(state) ? 'enable --now' : 'start'
  // Without systemd it is not known how services are started here.
  const known = systemd !== undefined && unit !== undefined
  const unmask = known && state.startsWith('masked') ? [`systemctl unmask ${unit}`] : []
  const start = known ? [...unmask, `systemctl ${enable} ${unit}`] : []
  const restart = known ? [`systemctl restart ${unit}`] : []
  const stopped = facts.running === false
  const again = resyncOf(name, stopped ? [] : restart)
  const configure = noSource(input) ? addServers(input.reading) : []
  const begin = [...configure, ...(stopped ? start : configure.length > 0 ? restart : [])]
  const resync = [...begin, ...again.filter(command => !begin.includes(command))]
  const byHand = setByHandOf(input)
  const isHosts = facts.source?.kind === 'hypervisor'
  const isByHand = !isHosts && (isRefused(input) || (isOff(input) && !setsItself(input.reading)))
  const synchronize = isByHand ? [...byHand, ...resync] : resync
  return {
    as: 'as root',
    survive: known ? [...unmask, `systemctl ${stopped ? 'enable --now' : 'enable'} ${unit}`] : [],
    synchronize,
    takeOver: synchronize,
    setClock: isHosts
      ? []
      : name === 'chrony' && !isByHand
        ? [...synchronize, 'chronyc makestep']
        : synchronize,
  }
}

/** ntpd and timesyncd step the clock at their start; chrony does so when told, and else slews it. */
const setsItself = ({ name, facts, systemd }: DoctorInput['reading']): boolean =>
  name !== undefined && (systemd !== undefined || (name === 'chrony' && facts.running !== false))
