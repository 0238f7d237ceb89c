/** A timer may be this early or late: the rest of a delay is spent looking at the clock. */
const TIMER_SLACK_MS = 2

const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/**
 * Calls back `ms` after the call, never before and some microseconds after on an idle machine.
 * `setTimeout` alone counts whole milliseconds from the event loop's last look at the clock, and so
 * calls back up to one too early.
 */
export const after = (ms: number, callback: () => void): void => {
  const due = nowMs() + ms
  const look = () => {
    const left = due - nowMs()
    if (left <= 0) callback()
    else if (left > TIMER_SLACK_MS) setTimeout(look, left - TIMER_SLACK_MS)
    else setImmediate(look)
  }
  look()
}
