import type { ProberKind } from '../config/modules.js'
import type { Reason } from '../net/failure.js'
import type { Platform } from '../net/platform.js'
import { exporter } from './exporter.js'
import { http } from './http.js'
import { ntp } from './ntp.js'
import type { ProbeSession, ProbeTarget, Prober } from './prober.js'
import { rdp } from './rdp.js'
import { smb } from './smb.js'
import { tls } from './tls.js'
import { winrm } from './winrm.js'

/** Every prober. One that is in the configuration's union and not here is a type error. */
const probers: { readonly [K in ProberKind]: Prober<K> } = {
  ntp,
  tls,
  rdp,
  winrm,
  smb,
  http,
  exporter,
}

export const reasonsOf = (kind: ProberKind): readonly Reason[] => probers[kind].reasons

/** A session with the prober of the target's module. */
export const openProbe = <K extends ProberKind>(
  platform: Platform,
  target: ProbeTarget<K>,
): ProbeSession => {
  const prober: Prober<K> = probers[target.module.kind]
  return prober.open(platform, target)
}
