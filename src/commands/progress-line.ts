import type { Progress } from '../calls/explain/reading.js'
import type { Clock } from '../time/clock.js'
import { type MonoNs, elapsed, milliseconds, toSeconds } from '../time/units.js'

/** What a terminal has of a stream. */
type Terminal = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean }

/** Less is read before anybody wonders. */
const LEAST_BYTES = 64 * 1024 * 1024
const REDRAWN = milliseconds(200)
/** Back to the line's begin, and away with what is on it. */
const CLEAR = '\r\u001b[K'

/** One line on a terminal that says how far a long reading is; nothing where there is no terminal. */
export class ProgressLine {
  readonly #terminal: Terminal
  readonly #clock: Pick<Clock, 'mono'>
  readonly #started: MonoNs
  #drawn: MonoNs | undefined
  #shown = false

  constructor(terminal: Terminal, clock: Pick<Clock, 'mono'>) {
    this.#terminal = terminal
    this.#clock = clock
    this.#started = clock.mono()
  }

  show({ done, total }: Progress): void {
    if (this.#terminal.isTTY !== true || Math.max(done, total) <= LEAST_BYTES) return
    const now = this.#clock.mono()
    if (this.#drawn !== undefined && elapsed(this.#drawn, now) < REDRAWN) return
    this.#drawn = now
    this.#shown = true
    const speed = done / 1e6 / Math.max(toSeconds(elapsed(this.#started, now)), 0.001)
    const far = total > 0 ? `${Math.floor((100 * done) / total)} %` : `${Math.round(done / 1e6)} MB`
    this.#terminal.write(`${CLEAR}${far} read, ${Math.round(speed)} MB/s`)
  }

  clear(): void {
    if (this.#shown) this.#terminal.write(CLEAR)
    this.#shown = false
  }
}
