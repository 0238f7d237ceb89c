import type { DurationNs, UnixNs } from '../time/units.js'

/**
 * Composes trace text as Skype for Business writes it: records of the Centralized Logging Service
 * and OCSLogger, the client log, and plain SIP. Lines end with '\n' except in {@link sipMessage};
 * whoever writes a file chooses its line ends and encoding.
 */

/** Numbers from 0 up to 1, the same for the same seed. */
export type Random = () => number

/** Small and quick; good enough for what only has to look random. */
export const mulberry32 = (seed: number): Random => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** 1: OCSLogger; 2: later OCSLogger, with a correlation id; 3: CLS, with `[POOL\SERVER]`. */
export type TraceLayout = 1 | 2 | 3
export type TraceLevel = 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'VERBOSE' | 'NOISE'

/** What every record begins with. */
export interface TraceHead {
  readonly layout: TraceLayout
  /** Both are written in layout 3 only. */
  readonly pool: string
  readonly server: string
  /** On the server's own clock; written in UTC, cut to milliseconds. */
  readonly at: UnixNs
  readonly process: number
  readonly thread: number
  /** Counts the records of a process; 32 bits. */
  readonly sequence: number
  /** Of the message, 32 bits. Layout 1 has it in the body only. */
  readonly correlation: number
  /** Written in layouts 1 and 2; 0 by default. */
  readonly cpu?: number
}

/** A SIP message. Headers are in order, names and values as written; `body` has '\n' line ends. */
export interface SipText {
  readonly startLine: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** '' where there is none. */
  readonly body: string
}

export interface ProtocolRecord extends TraceHead {
  /** `incoming` or `outgoing`; on an Edge with parameters. */
  readonly direction: string
  /** `host:port`; left out in some records. */
  readonly peer?: string
  readonly instance: number
  readonly message: SipText
}

export interface DiagRecord extends TraceHead {
  readonly level: TraceLevel
  readonly text: string
  /** Such as `0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED`. */
  readonly resultCode?: string
  /** Writes the result code at the end of the text's line, as some versions do. */
  readonly resultOnTextLine?: boolean
  readonly startLine: string
  readonly callId: string
  readonly cseq: string
  readonly peer?: string
  /** `k="v";…` */
  readonly data?: string
}

export interface ComponentLine extends TraceHead {
  readonly level: TraceLevel
  /** Such as `SIPStack,CSIPRequest::Route:SIPRequest.cpp(2440)`. */
  readonly place: string
  /** An address, 64 bits; below 2^53 here. */
  readonly object: number
  readonly text: string
}

export interface ClientLogEntry {
  readonly at: UnixNs
  /** Local time − UTC: the client log is in local time. */
  readonly utcOffset: DurationNs
  readonly process: number
  readonly thread: number
  readonly direction: 'incoming' | 'outgoing'
  /** `address:port`. */
  readonly local: string
  readonly remote: string
  readonly message: SipText
}

const NS_PER_MS = 1_000_000n
const MS_PER_MINUTE = 60_000

/** Where the protocol records say that they come from, by layout. */
const PROTOCOL_PLACES = {
  1: 'SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125)',
  2: 'SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(261)',
  3: 'SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265)',
} as const
const DIAG_PLACES = {
  1: 'SIPStack,SIPAdminLog::TraceDiagRecord:SIPAdminLog.cpp(144)',
  2: 'SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(808)',
  3: 'SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)',
} as const

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const upperHex = (value: number, digits: number): string => hex(value, digits).toUpperCase()

let minute = { at: NaN, date: '', time: '' }

/** MM/DD/YYYY and hh:mm:ss.mmm; records come in order, so the minute is kept. */
const dateAndTime = (at: UnixNs): { date: string; time: string } => {
  const ms = Number(at / NS_PER_MS)
  const within = ms % MS_PER_MINUTE
  if (minute.at !== ms - within) {
    const iso = new Date(ms - within).toISOString()
    const date = `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`
    minute = { at: ms - within, date, time: iso.slice(11, 17) }
  }
  const tail = String(100_000 + within)
  return { date: minute.date, time: `${minute.time}${tail.slice(1, 3)}.${tail.slice(3)}` }
}

/** `TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 (place)` */
const headText = (head: TraceHead, level: TraceLevel, flag: string, place: string): string => {
  const { layout, pool, server, cpu = 0 } = head
  const origin = layout === 3 ? `${pool}\\${server}` : cpu
  const sequence = layout === 3 ? upperHex(head.sequence, 8) : hex(head.sequence, 8)
  const ids = `${upperHex(head.process, 4)}.${upperHex(head.thread, 4)}`
  const { date, time } = dateAndTime(head.at)
  return `TL_${level}(TF_${flag}) [${origin}]${ids}::${date}-${time}.${sequence} (${place})`
}

/** What stands between the head and the record's lines. */
const beginText = ({ layout, correlation }: TraceHead): string =>
  layout === 1 ? '$$begin_record\n' : `${layout === 2 ? '' : ' '}[${correlation}] $$begin_record\n`

/** One TF_PROTOCOL record from its head to the end of its `$$end_record` line. */
export const traceRecord = (record: ProtocolRecord): string => {
  const { message, peer } = record
  const type = message.startLine.startsWith('SIP/2.0 ') ? 'response' : 'request'
  let text = headText(record, 'INFO', 'PROTOCOL', PROTOCOL_PLACES[record.layout])
  text += beginText(record)
  text += `Trace-Correlation-Id: ${record.correlation}\n`
  text += `Instance-Id: ${upperHex(record.instance, 8)}\nDirection: ${record.direction}\n`
  if (peer !== undefined) text += `Peer: ${peer}\n`
  text += `Message-Type: ${type}\nStart-Line: ${message.startLine}\n`
  for (const [name, value] of message.headers) text += `${name}: ${value}\n`
  const body = message.body === '' ? '-' : message.body
  return `${text}Message-Body: ${body}${body.endsWith('\n') ? '' : '\n'}$$end_record\n`
}

/** One TF_DIAG record from its head to the end of its `$$end_record` line. */
export const diagRecord = (record: DiagRecord): string => {
  const { resultCode, resultOnTextLine = false, peer, data } = record
  const severity = record.level === 'ERROR' ? 'error' : 'warning'
  const result = resultCode === undefined ? '' : `Result-Code: ${resultCode}`
  const lines = [
    headText(record, record.level, 'DIAG', DIAG_PLACES[record.layout]) +
      beginText(record).trimEnd(),
    'LogType: diagnostic',
    `Severity: ${severity}`,
    `Text: ${record.text}${resultOnTextLine && result !== '' ? ` ${result}` : ''}`,
    ...(resultOnTextLine || result === '' ? [] : [result]),
    `SIP-Start-Line: ${record.startLine}`,
    `SIP-Call-ID: ${record.callId}`,
    `SIP-CSeq: ${record.cseq}`,
    ...(peer === undefined ? [] : [`Peer: ${peer}`]),
    ...(data === undefined ? [] : [`Data: ${data}`]),
    '$$end_record\n',
  ]
  return lines.join('\n')
}

/** A TF_COMPONENT record: one line. */
export const componentLine = (line: ComponentLine): string =>
  `${headText(line, line.level, 'COMPONENT', line.place)}( ${upperHex(line.object, 16)} ) ${line.text}\n`

const utf8 = new TextEncoder()

/** The message as it is on the wire: CRLF, and the Content-Length that its body has. */
export const sipMessage = ({ startLine, headers, body }: SipText): string => {
  const wireBody = body.replaceAll(/\r?\n/g, '\r\n')
  let text = `${startLine}\r\n`
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'content-length') text += `${name}: ${value}\r\n`
  }
  return `${text}Content-Length: ${utf8.encode(wireBody).length}\r\n\r\n${wireBody}`
}

/** One message in the client log (UCCAPI): the entry before it, the message, the entry after it. */
export const clientLogEntries = (entry: ClientLogEntry): string => {
  const { date, time } = dateAndTime((entry.at + entry.utcOffset) as UnixNs)
  const ids = `${upperHex(entry.process, 4)}:${upperHex(entry.thread, 4)}`
  const head = `${date}|${time} ${ids} INFO  :: `
  const wire = sipMessage(entry.message)
  const [verb, side] =
    entry.direction === 'incoming' ? ['Data Received', 'To'] : ['Sending Packet', 'From']
  const what = `${verb} - ${entry.remote} (${side} Local Address: ${entry.local}) ${utf8.encode(wire).length} bytes`
  const lines = wire.replaceAll('\r\n', '\n')
  return `${head}${what}:\n${head}${lines}${lines.endsWith('\n') ? '' : '\n'}${head}End of ${what}\n`
}
