import type { Config } from '../config/config.js'
import type { PushOutcome } from './keeper.js'
import type { Identities } from './server-names.js'
import type { CallsSnapshot } from './snapshot.js'

/** What the main thread may ask of the calls thread, and what it answers. */
export type CallsQuestions = {
  /** Ends with the first question: the state directory is ours, or why it is not. */
  begin: { readonly asked: true; readonly answer: Begun }
  apply: { readonly asked: Config; readonly answer: true }
  /** Whole, each time that it changes. */
  identities: { readonly asked: readonly PoolIdentities[]; readonly answer: true }
  push: { readonly asked: PushRequest; readonly answer: PushOutcome }
  /** All that was counted is durable, and the state directory is given back. */
  stop: { readonly asked: true; readonly answer: true }
}

export type Begun = { readonly ok: true } | { readonly ok: false; readonly detail: string }

/** What the servers of a pool call themselves; a log may name them by it. */
export interface PoolIdentities {
  readonly pool: string
  readonly names: Identities
}

export interface PushRequest {
  /** The source's name. */
  readonly source: string
  /** The file that holds the text, and its SHA-256. */
  readonly path: string
  readonly hash: string
}

/** What it says unasked, about each second. */
export type CallsNews = CallsSnapshot
