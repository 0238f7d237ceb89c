import type { DoctorInput } from './finding.js'

/**
 * Why the time service has nothing to follow, by its configuration; undefined where it has something, or
 * where that is not known.
 */
export type NoSource = 'no_sync' | 'client_off' | 'no_domain' | 'no_servers'

export const noSource = ({
  reading: { facts, settings },
}: Pick<DoctorInput, 'reading'>): NoSource | undefined => {
  if (!settings) return facts.source?.configured === '' ? 'no_servers' : undefined
  const { type, servers, domainMember, ntpClientEnabled } = settings
  if (type === 'NoSync') return 'no_sync'
  if (ntpClientEnabled === false) return 'client_off'
  if (type === 'NT5DS') return domainMember === false ? 'no_domain' : undefined
  if (servers.length > 0) return undefined
  if (type === 'NTP') return 'no_servers'
  return type === 'AllSync' && domainMember === false ? 'no_servers' : undefined
}

/** What it was told to follow, in words; undefined where that is nothing, or nothing that it can follow. */
export const configuredOf = ({
  reading: { facts, settings },
}: Pick<DoctorInput, 'reading'>): string | undefined => {
  const { configured = '' } = facts.source ?? {}
  if (configured === '' || configured === 'none') return undefined
  const isNowhere = settings?.type === 'NT5DS' && settings.domainMember === false
  return isNowhere || settings?.ntpClientEnabled === false ? undefined : configured
}

/** The virtual machine's host keeps the clock, and nothing else would: no command on this machine helps. */
export const isHostsAlone = (input: Pick<DoctorInput, 'reading'>): boolean =>
  input.reading.facts.source?.kind === 'hypervisor' && configuredOf(input) === undefined
