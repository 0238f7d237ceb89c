import { abs, milliseconds, seconds, unixNs } from '../time/units.js'
import type { UnixNs } from '../time/units.js'
import {
  LONGEST_CALL_MS,
  type Played,
  missedCall,
  ordinaryCall,
  voicemailCall,
} from './call-kinds.js'
import type { EdgeAt } from './reboot.js'
import { type EdgeName, type Logged, type ServerName, edgeNames, isEdge } from './simulated-call.js'
import { type Random, traceRecord } from './trace-text.js'

export interface CallsOptions {
  readonly edgeAt: EdgeAt
  readonly random: Random
  /** True time. */
  readonly now: () => UnixNs
  /** Takes what a server adds to its trace: whole records. */
  readonly write: (server: ServerName, text: string) => void
}

/** What began, by how it ends. */
export interface Simulated {
  readonly voicemail: Record<Played['ended'], number>
  readonly ordinary: Record<Played['ended'], number>
  notifications: number
}

/** Between two calls on average, seconds. */
const EVERY = { ordinary: 2, voicemail: 3 } as const
/** Servers have refused a referrer whose signature is not from about now; the window is not documented. */
const REFERRER_WINDOW = seconds(300)
/** After a longer silence we slept, and nobody called meanwhile. */
const SLEPT = seconds(30)

const nothing = () => ({ answered: 0, abandoned: 0, refused: 0, busy: 0 })

/** Calls through two Front Ends and two Edges, as these four trace them, each by its own clock. */
export class SimulatedCalls {
  readonly simulated: Simulated = { voicemail: nothing(), ordinary: nothing(), notifications: 0 }
  readonly #options: CallsOptions
  readonly #next: { ordinary: UnixNs; voicemail: UnixNs }
  /** Not yet traced. */
  #ahead: (Omit<Logged, 'at'> & { readonly at: UnixNs })[] = []
  #last: UnixNs
  #sequence = 0

  constructor(options: CallsOptions) {
    this.#options = options
    this.#last = options.now()
    this.#next = { ordinary: this.#last, voicemail: this.#last }
  }

  /** Lets happen what happens until now. To be called again and again. */
  proceed(): void {
    const now = this.#options.now()
    if (now - this.#last > SLEPT) {
      this.#next.ordinary = this.#after(now, EVERY.ordinary)
      this.#next.voicemail = this.#after(now, EVERY.voicemail)
    }
    this.#last = now
    while (this.#next.ordinary <= now) this.#ordinary(this.#next.ordinary)
    while (this.#next.voicemail <= now) this.#voicemail(this.#next.voicemail)
    this.#trace(now)
  }

  #ordinary(at: UnixNs): void {
    const { random } = this.#options
    const played = ordinaryCall(random, this.#edge(at))
    this.simulated.ordinary[played.ended]++
    this.#play(played, at)
    this.#next.ordinary = this.#after(at, EVERY.ordinary)
  }

  /** Who missed a call that left no message is told so by mail, also while voicemail refuses calls. */
  #voicemail(at: UnixNs): void {
    const { random, edgeAt } = this.#options
    const outBy = this.#edge(at)
    const refuses = abs(edgeAt(outBy, at).offset) > REFERRER_WINDOW
    const played = voicemailCall(random, { inBy: this.#edge(at), outBy, refuses })
    this.simulated.voicemail[played.ended]++
    this.#play(played, at)
    if (played.ended !== 'answered') {
      this.simulated.notifications++
      const over = unixNs(at + milliseconds(played.call.at))
      this.#play(missedCall(random, this.#edge(over)), over)
    }
    this.#next.voicemail = this.#after(at, EVERY.voicemail)
  }

  #play({ call }: Played, began: UnixNs): void {
    for (const { at, ...logged } of call.logged) {
      this.#ahead.push({ ...logged, at: unixNs(began + milliseconds(at)) })
    }
  }

  /** One of those that stay up: before a reboot the calls through an Edge are drained. */
  #edge(at: UnixNs): EdgeName {
    const { random, edgeAt } = this.#options
    const over = unixNs(at + milliseconds(LONGEST_CALL_MS))
    const up = edgeNames.filter(edge => edgeAt(edge, at).up && edgeAt(edge, over).up)
    return up[Math.floor(random() * up.length)] ?? edgeNames[0]
  }

  #after(at: UnixNs, mean: number): UnixNs {
    return unixNs(at + seconds(-Math.log(1 - this.#options.random()) * mean))
  }

  #trace(until: UnixNs): void {
    const due = this.#ahead.filter(({ at }) => at <= until).sort((a, b) => Number(a.at - b.at))
    this.#ahead = this.#ahead.filter(({ at }) => at > until)
    const texts = new Map<ServerName, string>()
    for (const logged of due) {
      texts.set(logged.server, (texts.get(logged.server) ?? '') + this.#record(logged))
    }
    for (const [server, text] of texts) this.#options.write(server, text)
  }

  /** Stamped by the server's own clock. */
  #record({ at, server, ...traced }: Omit<Logged, 'at'> & { readonly at: UnixNs }): string {
    const { random, edgeAt } = this.#options
    const offset = isEdge(server) ? edgeAt(server, at).offset : 0n
    const number = this.#sequence++
    return traceRecord({
      layout: 3,
      pool: isEdge(server) ? 'edgepool1' : 'fepool1',
      server: server.toUpperCase(),
      at: unixNs(at + offset),
      process: 0x06e4,
      thread: 0x0a44 + 4 * Math.floor(6 * random()),
      sequence: number % 2 ** 32,
      correlation: Math.floor(random() * 2 ** 32),
      instance: number % 2 ** 32,
      ...traced,
    })
  }
}
