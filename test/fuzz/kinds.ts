import { PoolCalls } from '../../src/calls/pool-calls.js'
import { HepCounter } from '../../src/calls/sources/hep-counter.js'
import { type Random, mulberry32 } from '../../src/demo/trace-text.js'
import { ClientLogReader } from '../../src/protocol/client-log.js'
import { HepStream } from '../../src/protocol/hep-stream.js'
import { HepPacket, decodeHep } from '../../src/protocol/hep.js'
import { parseMsDiagnostics, verdict } from '../../src/protocol/ms-diagnostics.js'
import type { SipMessage } from '../../src/protocol/sip-message.js'
import { SipReader } from '../../src/protocol/sip.js'
import type { TextReader } from '../../src/protocol/text-reader.js'
import type { TraceSink } from '../../src/protocol/trace-sink.js'
import { TraceTextReader } from '../../src/protocol/trace-text.js'
import { TraceReader } from '../../src/protocol/trace.js'
import { WindowsEventReader } from '../../src/protocol/windows-event.js'
import { exporterKinds } from './exporter.js'
import { httpKinds } from './http.js'
import { linuxTimeKinds } from './linux-time.js'
import { ntlmKinds } from './ntlm.js'
import { rdpKinds } from './rdp.js'
import { smbKinds } from './smb.js'
import { tlsKinds } from './tls.js'
import {
  validClientLogs,
  validDiagnostics,
  validEvents,
  validHep,
  validHepStreams,
  validSip,
  validTraces,
} from './valid.js'
import { windowsTimeKinds } from './windows-time.js'

export interface Kind {
  readonly valid: readonly string[]
  /** Gives the input to what reads it. @throws Error where what comes of it makes no sense */
  readonly run: (input: string, random: Random) => void
}

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** The smaller is more than a head may be long; in the larger, what is quadratic takes its time. */
const WINDOWS = { small: 4096, large: 1 << 20 } as const
/** Counted calls are remembered; the rest has to be given back. */
const INPUTS_A_POOL = 2000

const checkMessage = (message: SipMessage): void => {
  const { text, callIdFrom, callIdTo, branchFrom, branchTo, status, cseq } = message
  check(0 <= callIdFrom && callIdFrom < callIdTo && callIdTo <= text.length, 'a Call-ID outside')
  check(callIdTo - callIdFrom <= 512, 'a huge Call-ID')
  check(0 <= branchFrom && branchFrom <= branchTo && branchTo <= text.length, 'a branch outside')
  check(status === 0 || (status >= 100 && status <= 699), `status ${status}`)
  check(Number.isSafeInteger(cseq) && cseq >= 0, `CSeq ${cseq}`)
  check(
    message.diagnostics.every(one => one.length <= 4096),
    'a huge diagnosis',
  )
}

let inputs = 0
let pool = new PoolCalls('p', ['edge01'], 7, 0)

/** Counts what it hears as the program does, all kinds into one pool. */
const counting = (): TraceSink => {
  if (++inputs % INPUTS_A_POOL === 0) {
    pool.end()
    const { sipFailures, outcomes } = pool.tally()
    check(sipFailures.length <= 2012 && Object.keys(outcomes).length === 3, 'too many series')
    check(
      pool.offsets().every(({ error }) => error >= 0),
      'an offset with a negative error',
    )
    pool = new PoolCalls('p', ['edge01'], inputs, 0)
  }
  const sink = pool.sink({ records: 0, malformed: 0, dropped: 0 })
  return {
    ...sink,
    message: message => {
      checkMessage(message)
      sink.message(message)
    },
  }
}

/** Reads as a follower does: first a part of the text, then all of it, window by window. */
const follow = (reader: TextReader, input: string, random: Random): void => {
  const windowLength = random() < 0.5 ? WINDOWS.small : WINDOWS.large
  let at = 0
  for (const end of [Math.floor(random() * input.length), input.length]) {
    for (let more = true; more;) {
      more = end - at > windowLength
      const window = input.slice(at, more ? at + windowLength : end)
      const done = reader.read(window, more)
      const least = more ? 1 : 0
      check(Number.isInteger(done) && done >= least && done <= window.length, `done with ${done}`)
      at += done
    }
  }
  JSON.stringify(reader.save())
}

const bytesOf = (input: string): Uint8Array => Buffer.from(input, 'latin1')

const readPacket = (packet: HepPacket, length: number): void => {
  check(packet.payload.length > 0 && packet.payload.length < length, 'a payload outside')
  const numbers = [packet.family, packet.seconds, packet.microseconds, packet.sourcePort]
  check(
    [...numbers, packet.captureId, packet.ipProtocol].every(n => Number.isInteger(n) && n >= 0),
    'not a number',
  )
  check(packet.source.length + packet.destination.length <= 32, 'a long address')
  check(packet.nodeName.length <= length, 'a long name')
}

const onePacket = new HepPacket()

export const kinds: { readonly [name: string]: Kind } = {
  trace: {
    valid: validTraces,
    run: (input, random) => {
      follow(new TraceReader(counting()), input, random)
      follow(new TraceTextReader(counting()), input, random)
    },
  },
  sip: {
    valid: validSip,
    run: input => {
      const reader = new SipReader()
      reader.begin(input)
      if (reader.raw(0, input.length)) counting().message(reader.message)
    },
  },
  diagnostics: {
    valid: validDiagnostics,
    run: input => {
      // As long as a reader of SIP lets it be.
      const value = input.slice(0, 4096)
      const parsed = parseMsDiagnostics(value)
      check(!parsed || (Number.isInteger(parsed.id) && parsed.parameters.size <= 64), 'too much')
      check(verdict(500, [value, value]).rank >= 0, 'no rank')
    },
  },
  client: {
    valid: validClientLogs,
    run: (input, random) => {
      follow(new ClientLogReader(counting()), input, random)
      follow(new TraceTextReader(counting()), input, random)
    },
  },
  events: {
    valid: validEvents,
    run: (input, random) => {
      const onEvent = (event: { readonly eventId: number; readonly provider: string }): void => {
        check(event.eventId >= 0 && event.eventId <= 65_535, `event ${event.eventId}`)
        check(event.provider.length <= 256, 'a long provider')
      }
      follow(new WindowsEventReader(onEvent), input, random)
    },
  },
  hep: {
    valid: validHep,
    run: input => {
      const bytes = bytesOf(input)
      const decoded = decodeHep(bytes, onePacket)
      if (decoded.ok) readPacket(decoded, bytes.length)
      const counts = { records: 0, malformed: 0, dropped: 0 }
      new HepCounter(counting(), counts, 0).receive(bytes)
    },
  },
  hepstream: {
    valid: validHepStreams,
    run: (input, random) => {
      const bytes = bytesOf(input)
      let framed = 0
      const stream = new HepStream(packet => {
        check(packet.length >= 6 && packet.length <= 65_535, 'a packet of no possible length')
        framed += packet.length
        if (decodeHep(packet, onePacket).ok) readPacket(onePacket, packet.length)
      })
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + 1 + Math.floor(random() * 3000))
        stream.push(bytes.subarray(at, end))
        at = end
        check(framed <= at, 'more packets than bytes')
      }
      stream.end()
    },
  },
  ...exporterKinds,
  ...httpKinds,
  ...linuxTimeKinds,
  ...rdpKinds,
  ...smbKinds,
  ...tlsKinds,
  ...ntlmKinds,
  ...windowsTimeKinds,
}

/** The input that a seed stands for, and the generator as it was behind it. */
export const generatorOf = (seed: number): Random => mulberry32(Math.imul(seed, 0x9e3779b1))
