import type { Config } from '../config/config.js'
import type { ProbeRequest } from './clock-side.js'
import type { OneReading, Snapshot } from './snapshot.js'

/** What the main thread may ask of the clock thread, and what it answers. */
export type ClockQuestions = {
  apply: { readonly asked: Config; readonly answer: true }
  snapshot: { readonly asked: true; readonly answer: Snapshot }
  probe: { readonly asked: ProbeRequest; readonly answer: OneReading }
}
