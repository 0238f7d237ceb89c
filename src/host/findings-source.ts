import { isIP } from 'node:net'
import { type NoSource, noSource } from './configured.js'
import { type DoctorInput, type Finding, urgency } from './finding.js'
import { repairsFor } from './repairs.js'
import { hypervisorOff, seedingOff } from './repairs-windows.js'

/** What the clock is kept by, against what it was meant to be kept by. */
export const sourceFindings = (input: DoctorInput): readonly Finding[] => [
  ...noneConfigured(input),
  ...hypervisor(input),
  ...differs(input),
  ...seeding(input),
]

const noneConfigured = (input: DoctorInput): readonly Finding[] => {
  const reason = noSource(input)
  if (reason === undefined || input.reading.facts.source?.kind === 'hypervisor') return []
  return [
    {
      id: 'no-source-configured',
      severity: urgency(input),
      what: 'The time service has no server to follow.',
      why: `${reasons[reason]}${input.system === 'windows' ? ' Where a group policy says so, change it there.' : ''}`,
      repair: repairsFor(input).configure,
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

const configuredOf = ({ reading: { facts, settings } }: DoctorInput): string | undefined => {
  const { configured = '' } = facts.source ?? {}
  if (configured === '' || configured === 'none') return undefined
  const isNowhere = settings?.type === 'NT5DS' && settings.domainMember === false
  return isNowhere || settings?.ntpClientEnabled === false ? undefined : configured
}

/** Nothing on this machine helps where nothing else is configured: its host is to be set. */
export const hypervisorRepair = (input: DoctorInput): readonly string[] =>
  input.system === 'windows' && configuredOf(input) !== undefined ? hypervisorOff : []

const hypervisor = (input: DoctorInput): readonly Finding[] => {
  const { kind, actual = 'the hypervisor' } = input.reading.facts.source ?? {}
  if (kind !== 'hypervisor') return []
  const configured = configuredOf(input)
  return [
    {
      id: 'source-is-hypervisor',
      severity: configured === undefined ? 'notice' : 'warning',
      what: `The virtual machine's host keeps this clock ("${actual}").`,
      why:
        configured === undefined
          ? "It is as right as the host's clock, and nothing else is configured."
          : `It was meant to follow ${configured}. It is as right as the host's clock, whatever that follows. Switched off, the servers are followed.`,
      repair: hypervisorRepair(input),
    },
  ]
}

/** Only of Windows Time: the others tell what they follow and what they were told from one table. */
const differs = (input: DoctorInput): readonly Finding[] => {
  const { name, facts } = input.reading
  const { kind, actual } = facts.source ?? {}
  const configured = configuredOf(input)
  if (name !== 'w32time' || actual === undefined || configured === undefined) return []
  const isOwn = kind === 'own' && facts.synchronized !== false
  if (!isOwn && !(kind === 'external' && isAnother(actual, configured))) return []
  return [
    {
      id: 'source-differs',
      severity: 'warning',
      what: `It follows ${actual}, and was told to follow ${configured}.`,
      why: isOwn
        ? 'That is its own clock: nothing keeps it.'
        : 'A changed configuration may not have been taken over yet.',
      repair: ['w32tm /config /update', ...repairsFor(input).synchronize],
    },
  ]
}

/** A name and an address cannot be compared, nor can what a domain offers. */
const isAnother = (actual: string, configured: string): boolean => {
  if (configured.startsWith('domain hierarchy')) return false
  const known = configured.split(' ').map(bare)
  const now = bare(actual)
  return known.every(one => one !== now && isIP(one) === isIP(now))
}

/** W32Time names a server with its flags: `ntp.contoso.com,0x8`. */
const bare = (server: string): string => (server.split(',', 1)[0] ?? '').toLowerCase()

const seeding = ({ reading: { settings } }: DoctorInput): readonly Finding[] =>
  settings?.secureTimeSeeding === true
    ? [
        {
          id: 'secure-time-seeding',
          severity: 'notice',
          what: 'Secure Time Seeding is on (UtilizeSslTimeData).',
          why: 'It lets Windows set the clock by the times in TLS handshakes, and is itself a known cause of large jumps. It is on by default in Windows Server 2016 to 2022.',
          repair: seedingOff,
        },
      ]
    : []
