import type { Offset } from '../clockside/snapshot.js'
import type { HostConfig } from '../config/config.js'
import { withDeadline } from '../net/deadline.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { durationNs } from '../time/units.js'
import { type Boot, bootTime } from './boot.js'
import type { HostReading, ReadHost, ToolReport } from './reading.js'
import { type HostReport, isFound, judge, sinceBoot } from './report.js'
import { ROUND_TIMEOUT } from './tool.js'

const AT_ONCE = durationNs(0n)

export interface HostOptions {
  readonly platform: Pick<Platform, 'clock' | 'timers'>
  readonly log: Log
  /** Undefined on systems whose time services we do not know. */
  readonly read: ReadHost | undefined
  readonly boot?: (wallOffset: Offset | undefined) => Boot
}

/** Whatever tells of the time service of the machine that the configuration names. */
export type HostSide = Pick<Host, 'apply' | 'report' | 'stop'>

/** This machine's own time service, asked every interval while the configuration names this machine. */
export class Host {
  readonly #options: HostOptions
  readonly #boot: (wallOffset: Offset | undefined) => Boot
  /** Of the rounds at the present interval. */
  #abort = new AbortController()
  readonly #inTrouble = new Set<string>()
  #config: HostConfig | undefined
  #repeater: Repeater | undefined
  #reading: HostReading | undefined
  #seenSynchronized = false

  constructor(options: HostOptions) {
    this.#options = options
    this.#boot = options.boot ?? bootTime()
  }

  /** Undefined: this machine is none of the watched servers, and nothing is asked. */
  apply(config: HostConfig | undefined): void {
    const { platform, read, log } = this.#options
    const before = this.#config
    this.#config = config
    if (config?.interval === before?.interval) return
    this.stop()
    this.#repeater = undefined
    this.#abort = new AbortController()
    if (!config) {
      this.#reading = undefined
      return
    }
    if (!read)
      return log('warn', 'the time services of this system are not known', {
        system: process.platform,
      })
    this.#repeater = new Repeater(platform, config.interval, AT_ONCE, () => this.#round(read))
  }

  /** What is known now; `wallOffset` is that of this machine's wall clock against true time. */
  report(wallOffset: Offset | undefined): HostReport | undefined {
    if (!this.#config) return undefined
    const { pool, name: server } = this.#config
    const { facts = {}, tools = [] } = this.#reading ?? {}
    const found = this.#reading && isFound(this.#reading)
    return {
      pool,
      server,
      ...(found !== undefined && { found }),
      facts: judge(facts, this.#seenSynchronized, this.#boot(wallOffset)),
      tools,
    }
  }

  stop(): void {
    this.#repeater?.stop()
    this.#abort.abort()
  }

  async #round(read: ReadHost): Promise<void> {
    const { timers } = this.#options.platform
    const { signal } = this.#abort
    const reading = await withDeadline(timers, ROUND_TIMEOUT, signal, read)
    if (signal.aborted) return
    const wasFound = this.#reading && isFound(this.#reading)
    if (isFound(reading) === false && wasFound !== false) {
      this.#options.log('warn', 'no time service was found on this machine')
    }
    this.#reading = reading
    this.#seenSynchronized ||= sinceBoot(reading.facts, this.#boot(undefined)) === true
    for (const tool of reading.tools) this.#note(tool)
  }

  /** One line at the beginning of a tool's trouble, one at its end. */
  #note(report: ToolReport): void {
    const { log } = this.#options
    const { tool } = report
    if (report.ok) {
      if (this.#inTrouble.delete(tool)) log('info', 'time service is told of again', { tool })
      return
    }
    if (this.#inTrouble.has(tool)) return
    this.#inTrouble.add(tool)
    const { reason, detail } = report
    log('warn', 'nothing is told of the time service', { tool, reason, detail })
  }
}
