import type { DoctorInput, Finding } from '../../src/host/finding.js'
import { findings } from '../../src/host/findings.js'
import type { HostReading } from '../../src/host/reading.js'
import type { UnitState } from '../../src/protocol/systemctl.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import type { W32TimeSettings } from '../../src/protocol/w32time-settings.js'

export const limits = { warning: 5, critical: 60 }
export const right = { offset: 0.001, error: 0.002 }
export const behind = (offset: number) => ({ offset: -offset, error: 0.003 })
export const ahead = (offset: number) => ({ offset, error: 0.003 })

export const wellConfigured: W32TimeSettings = {
  startType: 'automatic',
  triggers: [
    { action: 'start', on: 'network' },
    { action: 'stop', on: 'network' },
  ],
  domainMember: false,
  type: 'NTP',
  servers: ['ntp1.contoso.com', 'ntp2.contoso.com'],
  correctionLimits: { ahead: 54_000, back: 3600 },
  ntpClientEnabled: true,
}
export const domainTriggers: W32TimeSettings['triggers'] = [
  { action: 'start', on: 'domain' },
  { action: 'stop', on: 'domain' },
]

export const wellKept: TimeServiceFacts = {
  running: true,
  survivesReboot: true,
  synchronized: true,
  synchronizedSinceBoot: true,
  leap: 0,
  stratum: 3,
  lastSyncTimestamp: 1_773_000_000,
  lastSyncError: 0,
  correctionLimits: { ahead: 54_000, back: 3600 },
  source: {
    actual: 'ntp1.contoso.com',
    kind: 'external',
    configured: 'ntp1.contoso.com ntp2.contoso.com',
  },
}

interface Situation {
  readonly facts?: TimeServiceFacts
  readonly settings?: Partial<W32TimeSettings>
  readonly reading?: Partial<HostReading>
  readonly input?: Partial<DoctorInput>
}

export const windows = ({
  facts = {},
  settings = {},
  reading,
  input,
}: Situation = {}): DoctorInput => ({
  system: 'windows',
  command: 'edgeclock',
  reading: {
    name: 'w32time',
    unit: 'w32time',
    facts: { ...wellKept, ...facts },
    tools: ['sc', 'reg', 'w32tm'].map(tool => ({ tool, ok: true })),
    settings: { ...wellConfigured, ...settings },
    ...reading,
  },
  offset: right,
  limits,
  against: ['192.0.2.1'],
  ...input,
})

export const unit: UnitState = {
  id: 'chrony.service',
  loadState: 'loaded',
  activeState: 'active',
  unitFileState: 'enabled',
  subState: 'running',
  isHeldBack: false,
  startedSinceBoot: true,
  startedAfterBoot: 5,
}
export const linuxFacts: TimeServiceFacts = {
  running: true,
  survivesReboot: true,
  synchronized: true,
  synchronizedSinceBoot: true,
  leap: 0,
  stratum: 3,
  source: { actual: '192.0.2.1', kind: 'external', configured: '192.0.2.1' },
}

export const linux = ({ facts = {}, reading, input }: Situation = {}): DoctorInput => ({
  system: 'linux',
  command: 'edgeclock',
  reading: {
    name: 'chrony',
    unit: 'chrony.service',
    facts: { ...linuxFacts, ...facts },
    tools: ['systemctl', 'chronyc'].map(tool => ({ tool, ok: true })),
    systemd: unit,
    ...reading,
  },
  offset: right,
  limits,
  ...input,
})

/** Without facts that are undefined: absent is unknown. */
export const without = <T extends object>(from: T, ...names: (keyof T)[]): T =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name as keyof T))) as T

export const summary = (input: DoctorInput): readonly string[] =>
  findings(input).map(({ id, severity }) => `${severity} ${id}`)

export const found = (input: DoctorInput, id: string): Finding => {
  const finding = findings(input).find(one => one.id === id)
  if (!finding) throw new Error(`${id} was not found, but ${summary(input).join(', ')}`)
  return finding
}

export const RESYNC = ['w32tm /resync /rediscover', 'w32tm /query /status /verbose']
export const AUTOMATIC = 'sc.exe config w32time start= auto'
export const CHRONY = [
  'chronyc online',
  'chronyc burst 4/4',
  'chronyc waitsync 6',
  'chronyc tracking',
]
const adjust = (by: string) =>
  `powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(${by}))"`
/** By how much the clock is set by hand before the time service takes over. */
export const adjusted = (by: number) => [adjust(`${by}`), ...RESYNC]
export const MEASURED = [
  'w32tm /stripchart /computer:ntp1.contoso.com /samples:5 /dataonly',
  adjust('OFFSET'),
  ...RESYNC,
]
export const VMIC_OFF = String.raw`reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\VMICTimeProvider /v Enabled /t REG_DWORD /d 0 /f`
export const BY_POLICY = 'Where a group policy sets it, change it there.'
export const neverSynchronized = {
  synchronized: false,
  synchronizedSinceBoot: false,
  leap: 3,
  stratum: 0,
  source: { actual: 'Local CMOS Clock', kind: 'own', configured: 'ntp1.contoso.com' },
} as const
