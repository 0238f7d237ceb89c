import type { Whole } from '../protocol/whole.js'
import type { MonoNs } from '../time/units.js'
import { type Failure, failure } from './failure.js'
import type { Connection } from './platform.js'

export interface Question<T> {
  readonly request: Uint8Array
  /** Makes the reply of all bytes that came. */
  readonly read: (bytes: Uint8Array) => Whole<T>
  /** The most bytes of a reply. */
  readonly limit: number
  readonly signal: AbortSignal
}

export type Answer<T> =
  | {
      readonly ok: true
      /** Just before the request left, and when the last piece of the reply was in hand. */
      readonly sent: MonoNs
      readonly received: MonoNs
      readonly reply: T
    }
  | Failure

/** One request and its whole reply; what can be no reply to it is `protocol`. */
export const ask = async <T>(connection: Connection, question: Question<T>): Promise<Answer<T>> => {
  const { request, read, limit, signal } = question
  const answer = await connection.exchange({
    request,
    limit,
    signal,
    accept: (bytes, received) => {
      const whole = read(bytes)
      return whole && { whole, received }
    },
  })
  if (!answer.ok) return answer
  const { whole, received } = answer.value
  if (!whole.ok) return failure('protocol', whole.detail)
  return { ok: true, sent: answer.sent, received, reply: whole.reply }
}
