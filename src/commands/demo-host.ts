import type { HostConfig } from '../config/config.js'
import type { HostSide } from '../host/host.js'
import type { ToolReport } from '../host/reading.js'
import type { HostReport } from '../host/report.js'
import { type Course, rebootAt } from '../demo/reboot.js'
import { timeServiceAt } from '../demo/time-service.js'
import { type UnixNs, toSeconds } from '../time/units.js'

/** The tools that a Windows server is asked by. */
const TOOLS = ['sc', 'reg', 'w32tm']
/** A simulated offset is exact; ours is not, and both are read a moment apart. */
const ERROR_SECONDS = 0.001

/** edge02's time service as if we ran there, by what is true in the demo at that moment. */
export class SimulatedHost implements HostSide {
  readonly #course: Course
  readonly #now: () => UnixNs
  #config: HostConfig | undefined

  constructor(course: Course, now: () => UnixNs) {
    this.#course = course
    this.#now = now
  }

  apply(config: HostConfig | undefined): void {
    this.#config = config
  }

  report(): HostReport | undefined {
    if (!this.#config) return undefined
    const now = this.#now()
    const { pool, name: server } = this.#config
    const told = timeServiceAt(this.#course, now)
    const named = { pool, server, facts: told?.facts ?? {}, tools: TOOLS.map(reportOf(told)) }
    if (!told) return { ...named, simulated: {} }
    const offset = toSeconds(rebootAt(this.#course)('edge02', now).offset)
    return { ...named, found: true, simulated: { offset: { offset, error: ERROR_SECONDS } } }
  }

  stop(): void {}
}

const reportOf =
  (told: unknown) =>
  (tool: string): ToolReport =>
    told
      ? { tool, ok: true }
      : { tool, ok: false, reason: 'timeout', detail: 'edge02 is down (simulated)' }
