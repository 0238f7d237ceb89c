import { type UnixNs, abs, seconds, unixNs } from '../time/units.js'
import type { Course, EdgeAt } from './reboot.js'
import type { EdgeName } from './simulated-call.js'

export interface EventsOptions {
  readonly edgeAt: EdgeAt
  readonly course: Course
  /** True time. */
  readonly now: () => UnixNs
  /** Takes what a server adds to its exported event log: whole events. */
  readonly write: (server: EdgeName, xml: string) => void
}

const EVERY = seconds(15)
const OFF_BY_HOURS = seconds(3600)
const SKYPE = { channel: 'Lync Server', provider: 'LS User Services' } as const
const STACK = { channel: 'Lync Server', provider: 'LS Protocol Stack' } as const
const SYSTEM = { channel: 'System', provider: 'Microsoft-Windows-Kernel-General' } as const

interface Log {
  readonly channel: string
  readonly provider: string
}

/** The event logs of the Edges, as wevtutil exports them: one that may be ignored, and those of the incident. */
export class SimulatedEvents {
  readonly #options: EventsOptions
  #next: UnixNs
  #isSetTold = false
  #record = 0

  constructor(options: EventsOptions) {
    this.#options = options
    this.#next = options.now()
  }

  /** Lets happen what happens until now. To be called again and again. */
  proceed(): void {
    const { edgeAt } = this.#options
    const { repair } = this.#options.course
    const now = this.#options.now()
    if (!this.#isSetTold && repair !== undefined && now >= repair) {
      this.#isSetTold = true
      this.#write('edge02', now, SYSTEM, 1)
    }
    if (now < this.#next) return
    // From now on: while we slept, so did they.
    this.#next = unixNs(now + EVERY)
    this.#write('edge01', now, SKYPE, 32_263)
    const { up, offset } = edgeAt('edge02', now)
    if (up && abs(offset) > OFF_BY_HOURS) this.#write('edge02', now, STACK, 14_619)
  }

  /** [MS-EVEN6] 2.2.13; stamped by the server's own clock. */
  #write(server: EdgeName, at: UnixNs, { channel, provider }: Log, id: number): void {
    const { edgeAt, write } = this.#options
    const shown = new Date(Number((at + edgeAt(server, at).offset) / 1_000_000n)).toISOString()
    write(
      server,
      `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
<Provider Name='${provider}'/><EventID Qualifiers='0'>${id}</EventID>\
<TimeCreated SystemTime='${shown}'/><EventRecordID>${++this.#record}</EventRecordID>\
<Channel>${channel}</Channel><Computer>${server.toUpperCase()}.contoso.com</Computer></System>\
<EventData/></Event>\n`,
    )
  }
}
