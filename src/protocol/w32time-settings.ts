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
  /** Whether the machine belongs to a domain. */
  readonly domainMember?: boolean
  /** `Parameters\Type`: `NTP`, `NT5DS` (domain hierarchy), `AllSync` (both), `NoSync`. */
  readonly type?: string
  /** `Parameters\NtpServer` without its flags. */
  readonly servers: readonly string[]
  /** `Config\MaxPosPhaseCorrection` (ahead) and `MaxNegPhaseCorrection` (back). */
  readonly correctionLimits?: CorrectionLimits
  /** `TimeProviders\NtpClient\Enabled`. */
  readonly ntpClientEnabled?: boolean
  /** `TimeProviders\VMICTimeProvider\Enabled`: whether the hypervisor may set the clock. */
  readonly hypervisorEnabled?: boolean
  /** `Config\UtilizeSslTimeData`: Secure Time Seeding. */
  readonly secureTimeSeeding?: boolean
}
