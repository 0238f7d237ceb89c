import type { SipMessage } from '../../src/protocol/sip-message.js'
import type { TextReader } from '../../src/protocol/text-reader.js'
import type { Diagnosis, TraceSink } from '../../src/protocol/trace-sink.js'

/** A message as plain data, its ranges cut out. */
export const plain = (message: SipMessage) => ({
  status: message.status,
  method: message.method,
  cseq: message.cseq,
  callId: message.text.slice(message.callIdFrom, message.callIdTo),
  branch: message.text.slice(message.branchFrom, message.branchTo),
  vias: message.vias,
  marks: message.marks,
  diagnostics: [...message.diagnostics],
  server: message.server,
  stamp: message.stamp,
  direction: message.direction,
})

export type MakeReader = (sink: TraceSink, saved: unknown) => TextReader

/** All that a text holds, read as a follower does: `ends` are the lengths it had when it was looked at. */
export const heardOf = (
  make: MakeReader,
  text: string,
  ends: readonly number[] = [text.length],
  windowLength = 1 << 20,
) => {
  const messages: ReturnType<typeof plain>[] = []
  const diagnoses: Diagnosis[] = []
  const counts = { records: 0, malformed: 0 }
  const sink: TraceSink = {
    message: message => void messages.push(plain(message)),
    diagnosis: diagnosis => void diagnoses.push(diagnosis),
    record: () => void counts.records++,
    malformed: () => void counts.malformed++,
  }
  let reader = make(sink, undefined)
  let at = 0
  for (const end of ends) {
    for (let more = true; more;) {
      more = end - at > windowLength
      const window = text.slice(at, more ? at + windowLength : end)
      const done = reader.read(window, more)
      if (!Number.isInteger(done) || done < (more ? 1 : 0) || done > window.length) {
        throw new Error(`done with ${done} of ${window.length} characters, more: ${more}`)
      }
      at += done
    }
    // As after a restart: the position and what was saved are all that is left.
    reader = make(sink, JSON.parse(JSON.stringify([reader.save()]))[0] ?? undefined)
  }
  return { messages, diagnoses, ...counts, rest: text.slice(at) }
}
