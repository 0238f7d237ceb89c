import { type RegKeys, type RegValue, dword, regGuid, regText } from './reg-query.js'
import type { CorrectionLimits } from './time-service.js'

/** When a service is started, [MS-SCMR] 2.2.15: registry value `Start`, 2, 3 and 4. */
export type StartType = 'automatic' | 'manual' | 'disabled'

/** What starts or stops a service besides: only what matters here is told apart. winsvc.h, SERVICE_TRIGGER. */
export interface ServiceTrigger {
  readonly action: 'start' | 'stop'
  /** `domain`: the machine joins or leaves a domain; `network`: its first address comes or its last one goes. */
  readonly on: 'domain' | 'network' | 'other'
}

/**
 * How W32Time is configured, from the registry, with a group policy's values before its own. Values that
 * are not there, or are not what they have to be, are absent.
 */
export interface W32TimeSettings {
  readonly startType?: StartType
  /** Empty where there is none. */
  readonly triggers: readonly ServiceTrigger[]
  /** There may be more, or others: not all that was read is a trigger, or the text did not come to them. */
  readonly triggersIncomplete?: boolean
  /** Whether the machine belongs to a domain; absent in doubt. */
  readonly domainMember?: boolean
  /** `Parameters\Type`: `NTP`, `NT5DS` (domain hierarchy), `AllSync` (both), `NoSync`. */
  readonly type?: string
  /** `Parameters\NtpServer` without its flags. */
  readonly servers: readonly string[]
  /** `Config\MaxPosPhaseCorrection` (ahead) and `MaxNegPhaseCorrection` (back). */
  readonly correctionLimits?: CorrectionLimits
  /** `TimeProviders\NtpClient\Enabled`. */
  readonly ntpClientEnabled?: boolean
  /** `Config\UtilizeSslTimeData`: Secure Time Seeding. */
  readonly secureTimeSeeding?: boolean
}

const SERVICE = 'hkey_local_machine\\system\\currentcontrolset\\services\\w32time'
const POLICY = 'hkey_local_machine\\software\\policies\\microsoft\\w32time'
const LAST_BEFORE_TRIGGERS = `${SERVICE}\\timeproviders\\vmictimeprovider`
const NETLOGON = 'hkey_local_machine\\system\\currentcontrolset\\services\\netlogon'

/** The registry's answers. */
export interface W32TimeKeys {
  /** `HKLM\SYSTEM\CurrentControlSet\Services\W32Time /s` */
  readonly service: RegKeys
  /** `HKLM\SOFTWARE\Policies\Microsoft\W32Time /s`: goes before the service's own. */
  readonly policy?: RegKeys | undefined
  /** `HKLM\SYSTEM\CurrentControlSet\Services\Netlogon`, its value `Start`. */
  readonly netlogon?: RegKeys | undefined
}

const START_TYPES = new Map<number | undefined, StartType>([
  [2, 'automatic'],
  [3, 'manual'],
  [4, 'disabled'],
])
const TYPES = new Map(['NTP', 'NT5DS', 'AllSync', 'NoSync'].map(type => [type.toLowerCase(), type]))
const NO_LIMIT = 0xffff_ffff

/** winsvc.h: what is meant by each action, type and GUID. Other combinations do something else. */
const TRIGGERS = new Map<string, ServiceTrigger>([
  ['1 3 1ce20aba-9851-4421-9430-1ddeb766e809', { action: 'start', on: 'domain' }],
  ['2 3 ddaf516e-58c2-4866-9574-c3b615d42ea1', { action: 'stop', on: 'domain' }],
  ['1 2 4f27f2de-14e2-430b-a549-7cd48cbc8245', { action: 'start', on: 'network' }],
  ['2 2 cc4ba62a-162e-4648-847a-b6bdf993e335', { action: 'stop', on: 'network' }],
])

const readTrigger = (values: ReadonlyMap<string, RegValue>): ServiceTrigger | undefined => {
  const action = dword(values.get('action'))
  const type = dword(values.get('type'))
  const guid = regGuid(values.get('guid'))
  if ((action !== 1 && action !== 2) || type === undefined || guid === undefined) return undefined
  return (
    TRIGGERS.get(`${action} ${type} ${guid}`) ?? {
      action: action === 1 ? 'start' : 'stop',
      on: 'other',
    }
  )
}

/**
 * Keys come in alphabetical order, triggers as the last, and nothing marks the end. So that there are none
 * is believed only where the values before them were read, which all systems have.
 */
const readTriggers = (
  service: RegKeys,
): Pick<W32TimeSettings, 'triggers' | 'triggersIncomplete'> => {
  const folder = `${SERVICE}\\triggerinfo`
  const read = [...service]
    .filter(
      ([path]) => path.startsWith(`${folder}\\`) && /^\d+$/.test(path.slice(folder.length + 1)),
    )
    .map(([, values]) => readTrigger(values))
  const triggers = read.filter(trigger => trigger !== undefined)
  const reached = service.has(folder) || service.get(LAST_BEFORE_TRIGGERS)?.has('inputprovider')
  const complete = !service.isCut && triggers.length === read.length && (read.length > 0 || reached)
  return complete ? { triggers } : { triggers, triggersIncomplete: true }
}

/**
 * By Netlogon's start type: manual outside a domain; joining one makes it automatic, and W32Time follow the
 * domain. Automatic alone may be someone's hand, and so is disabled, in a domain or not.
 */
const readMembership = (
  netlogonStart: number | undefined,
  type: string | undefined,
): boolean | undefined => {
  if (netlogonStart === 3) return false
  return netlogonStart === 2 && (type === 'NT5DS' || type === 'AllSync') ? true : undefined
}

const flag = (number: number | undefined): boolean | undefined =>
  number === undefined ? undefined : number !== 0

/** `time.windows.com,0x9 ntp2.contoso.com,0x8`: names with flags. */
const readServers = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(/\s+/)
    .map(peer => peer.replace(/,.*$/, ''))
    .filter(name => /^[!-~]{1,255}$/.test(name))

const readLimits = (
  ahead: number | undefined,
  back: number | undefined,
): CorrectionLimits | undefined => {
  if (ahead === undefined || back === undefined) return undefined
  return { ahead: limitSeconds(ahead), back: limitSeconds(back) }
}

const limitSeconds = (limit: number): number => (limit === NO_LIMIT ? Infinity : limit)

/** Of facts that are each known or not, those that are. */
export const withoutUndefined = <T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

/** Whether W32Time's own values were read, before those of the keys below it. */
export const hasStartType = (service: RegKeys): boolean =>
  service.get(SERVICE)?.has('start') === true

export const w32timeSettings = ({ service, policy, netlogon }: W32TimeKeys): W32TimeSettings => {
  const value = (key: string, name: string): RegValue | undefined =>
    policy?.get(`${POLICY}\\${key}`)?.get(name) ?? service.get(`${SERVICE}\\${key}`)?.get(name)
  const number = (key: string, name: string): number | undefined => dword(value(key, name))
  const type = TYPES.get(regText(value('parameters', 'type'))?.toLowerCase() ?? '')
  return {
    ...readTriggers(service),
    servers: readServers(regText(value('parameters', 'ntpserver'))),
    ...withoutUndefined({
      startType: START_TYPES.get(dword(service.get(SERVICE)?.get('start'))),
      domainMember: readMembership(dword(netlogon?.get(NETLOGON)?.get('start')), type),
      type,
      correctionLimits: readLimits(
        number('config', 'maxposphasecorrection'),
        number('config', 'maxnegphasecorrection'),
      ),
      ntpClientEnabled: flag(number('timeproviders\\ntpclient', 'enabled')),
      secureTimeSeeding: flag(number('config', 'utilizessltimedata')),
    }),
  }
}
