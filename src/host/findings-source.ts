import { isIP } from 'node:net'
import type { W32TimeSettings } from '../protocol/w32time-settings.js'
import { type NoSource, configuredOf, noSource } from './configured.js'
import { type DoctorInput, type Finding, urgency } from './finding.js'
import { repairsFor } from './repairs.js'
import { seedingOff } from './repairs-windows.js'

/** What the clock is kept by, against what it was meant to be kept by. */
export const sourceFindings = (input: DoctorInput): readonly Finding[] => [
  ...noneConfigured(input),
  ...hypervisor(input),
  ...differs(input),
  ...seeding(input),
]

/** Its values go before those of the registry that the commands write. */
const BY_POLICY = 'Where a group policy sets it, change it there.'

const noneConfigured = (input: DoctorInput): readonly Finding[] => {
  const reason = noSource(input)
  if (reason === undefined || input.reading.facts.source?.kind === 'hypervisor') return []
  return [
    {
      id: 'no-source-configured',
      severity: urgency(input),
      what: 'The time service has no server to follow.',
      why: `${reasons[reason]}${input.system === 'windows' ? ` ${BY_POLICY}` : ''}`,
      repair: repairsFor(input).synchronize,
    },
  ]
}

const reasons: { readonly [N in NoSource]: string } = {
  no_sync: 'It is told to synchronise with nothing (Type is NoSync).',
  client_off: 'Its NTP client is switched off (NtpClient, Enabled is 0).',
  no_domain:
    'It is told to follow its domain (Type is NT5DS), and this machine is in none; an Edge never is.',
  no_servers: 'No server is listed in its configuration.',
}

const hypervisor = (input: DoctorInput): readonly Finding[] => {
  const { kind, actual = 'the hypervisor' } = input.reading.facts.source ?? {}
  if (kind !== 'hypervisor') return []
  const configured = configuredOf(input)
  const policy = input.system === 'windows' ? ` ${BY_POLICY}` : ''
  return [
    {
      id: 'source-is-hypervisor',
      severity: configured === undefined ? 'notice' : 'warning',
      what: `The virtual machine's host keeps this clock ("${actual}").`,
      why:
        configured === undefined
          ? "It is as right as the host's clock, and nothing else is configured."
          : `It was meant to follow ${configured}. It is as right as the host's clock, whatever that follows. Switched off, the servers are followed.${policy}`,
      repair: repairsFor(input).setClock,
    },
  ]
}

/** Only of Windows Time: the others tell what they follow and what they were told from one table. */
const differs = (input: DoctorInput): readonly Finding[] => {
  const { name, facts, settings } = input.reading
  const { kind, actual } = facts.source ?? {}
  const configured = configuredOf(input)
  if (name !== 'w32time' || actual === undefined || configured === undefined) return []
  const isOwn = kind === 'own' && facts.synchronized !== false
  if (!isOwn && !(kind === 'external' && isAnother(actual, serversOf(configured, settings))))
    return []
  return [
    {
      id: 'source-differs',
      severity: 'warning',
      what: `It follows ${actual}, and was told to follow ${configured}.`,
      why: isOwn
        ? 'That is its own clock: nothing keeps it.'
        : 'A changed configuration may not have been taken over yet.',
      repair: repairsFor(input).takeOver,
    },
  ]
}

/** Empty where they are not known, as those that a domain offers. The words for people may have been cut. */
const serversOf = (configured: string, settings?: W32TimeSettings): readonly string[] =>
  configured.startsWith('domain hierarchy') ? [] : (settings?.servers ?? configured.split(' '))

/** A name and an address cannot be compared. */
const isAnother = (actual: string, servers: readonly string[]): boolean => {
  const now = bare(actual)
  const known = servers.map(bare)
  return known.length > 0 && known.every(one => one !== now && isIP(one) === isIP(now))
}

/** W32Time names a server with its flags: `ntp.contoso.com,0x8`. */
const bare = (server: string): string => (server.split(',', 1)[0] ?? '').toLowerCase()

const seeding = (input: DoctorInput): readonly Finding[] =>
  input.reading.settings?.secureTimeSeeding === true
    ? [
        {
          id: 'secure-time-seeding',
          severity: 'notice',
          what: 'Secure Time Seeding is on (UtilizeSslTimeData).',
          why: `It lets Windows set the clock by the times in TLS handshakes, and is itself a known cause of large jumps. It is on by default in Windows Server 2016 to 2022. ${BY_POLICY}`,
          repair: seedingOff(input),
        },
      ]
    : []
