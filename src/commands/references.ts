import { ClockSide } from '../clockside/clock-side.js'
import { type Config, parseConfig } from '../config/config.js'
import { loadConfig } from '../config/load.js'
import { formatProblem } from '../config/problem.js'
import type { Platform } from '../net/platform.js'
import { seconds } from '../time/units.js'
import type { Parsed } from './options.js'

/** A configuration, and whether it names reference servers of the user's own. */
export interface Referenced {
  readonly config: Config
  readonly referenced: boolean
}

const noConfig = 'reference: {servers: [127.0.0.1]}'
const REFERENCE = { interval: '1s', timeout: '1s' }

/** The configuration to go by; `references`, where there are any, go before its reference servers. */
export const referencedConfig = async (
  file: string | undefined,
  references: readonly string[],
): Promise<Parsed<Referenced>> => {
  const loaded = file === undefined ? parseConfig(noConfig) : await loadConfig(file)
  if (!loaded.ok) {
    return { ok: false, why: loaded.problems.map(p => formatProblem(p, file ?? '')).join('\n') }
  }
  if (references.length === 0) {
    return { ok: true, value: { config: loaded.config, referenced: file !== undefined } }
  }
  const given = parseConfig(JSON.stringify({ reference: { servers: references, ...REFERENCE } }))
  if (!given.ok) {
    return { ok: false, why: given.problems.map(p => `--reference: ${p.message}`).join('\n') }
  }
  const config = { ...loaded.config, reference: given.config.reference }
  return { ok: true, value: { config, referenced: true } }
}

/** Longer than a burst at the interval below; reference servers that are silent by then do without. */
const PATIENCE = seconds(3)

/** A clock side that has asked its reference servers, each with a burst, and watches nothing. Stop it. */
export const settledClockSide = async (platform: Platform, config: Config): Promise<ClockSide> => {
  const reference = { ...config.reference, interval: seconds(1) }
  const side = new ClockSide(platform, () => undefined, { ...config, reference, pools: [] })
  const patience = new Promise<void>(resolve => platform.timers.after(PATIENCE, resolve))
  await Promise.race([side.settled(), patience])
  return side
}
