import type { Config } from '../config/config.js'
import type { LogFields, LogLevel } from '../net/log.js'
import type { ProbeRequest } from './clock-side.js'
import type { OneReading, Snapshot } from './snapshot.js'

/** What the main thread may ask of the clock thread, and what it answers. Plain data both ways. */
export interface Questions {
  apply: { readonly asked: Config; readonly answer: true }
  snapshot: { readonly asked: true; readonly answer: Snapshot }
  probe: { readonly asked: ProbeRequest; readonly answer: OneReading }
}

export type Question = {
  [K in keyof Questions]: {
    readonly id: number
    readonly kind: K
    readonly asked: Questions[K]['asked']
  }
}[keyof Questions]

export type FromClockThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | {
      readonly kind: 'log'
      readonly level: LogLevel
      readonly message: string
      readonly fields: LogFields
    }
