import { HepPacket, decodeHep } from '../../protocol/hep.js'
import { SipReader } from '../../protocol/sip.js'
import type { TraceSink } from '../../protocol/trace-sink.js'
import type { SourceCounts } from '../pool-calls.js'

/** Chunk type 0xb of a SIP message. */
const SIP = 1

/** What is done with a HEP packet, wherever it came from: decoded, read as SIP, counted. */
export class HepCounter {
  /** Of all packets, whatever was in them. */
  readBytes: number
  readonly #sink: TraceSink
  readonly #counts: SourceCounts
  readonly #packet = new HepPacket()
  readonly #sip = new SipReader()

  constructor(sink: TraceSink, counts: SourceCounts, readBytes: number) {
    this.#sink = sink
    this.#counts = counts
    this.readBytes = readBytes
  }

  /** One whole packet; any bytes. They are not kept. */
  receive(bytes: Uint8Array): void {
    this.readBytes += bytes.length
    const packet = decodeHep(bytes, this.#packet)
    // What is compressed is not read: inflating takes any memory that a stranger wants.
    if (!packet.ok || packet.compressed) return void this.#counts.dropped++
    if (packet.protocolType !== SIP) return void this.#counts.records++
    const text = latin1(bytes, packet.payloadStart, packet.payloadEnd)
    const sip = this.#sip
    sip.begin(text)
    if (!sip.raw(0, text.length, true)) return this.#sink.malformed()
    if (sip.decidesNothing) return this.#sink.record()
    sip.message.server = packet.nodeName
    sip.message.stamp = Number.NaN
    this.#sink.record()
    this.#sink.message(sip.message)
  }
}

/** Bytes as characters: all that is looked at is ASCII. */
const latin1 = (bytes: Uint8Array, start: number, end: number): string => {
  const { buffer, byteOffset, byteLength } = bytes
  const own = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)
  return own.toString('latin1', start, end)
}
