import {
  type Random,
  type TraceHead,
  diagRecord,
  traceRecord,
} from '../../../src/demo/trace-text.js'
import { type UnixNs, milliseconds, seconds } from '../../../src/time/units.js'
import type { Logged } from './journal.js'
import { STRAY_END, foreignRecord, interruptedRecord, noiseLine } from './noise.js'
import type { Layouts, Server, ServerName } from './parties.js'

export interface TraceFile {
  /** As logrotate names them: `fe1.log.2`, `fe1.log.1`, `fe1.log` from the oldest to the newest. */
  readonly name: string
  readonly server: ServerName
  readonly encoding: 'utf8' | 'utf8-bom' | 'utf16le'
  readonly crlf: boolean
  readonly content: Buffer
}

export interface TextOptions {
  readonly start: UnixNs
  readonly layouts: Layouts
  /** Lines of TF_COMPONENT for each record, on average. */
  readonly noise: number
  /** Share of records after which another product's, a stray end, an interrupted one stands. */
  readonly foreign: number
  readonly strayEnds: number
  readonly interrupted: number
  /** Each server's trace is cut into so many files, at the end of any record. */
  readonly filesPerServer: number
}

/** What stands in a trace, counted while it is written. */
export interface TextCounts {
  records: number
  foreign: number
  strayEnds: number
  interrupted: number
}

const CORRELATIONS = 2 ** 32
const THREADS = 6

/** One server's trace in pieces that no rotation tears apart. */
export const unitsOf = (
  server: Server,
  entries: readonly Logged[],
  options: TextOptions,
  counts: TextCounts,
  random: Random,
): string[] => {
  const units: string[] = []
  let sequence = Math.floor(random() * 0xff_ffff)
  const headAt = (at: number): TraceHead => ({
    layout: options.layouts[server.name] ?? 3,
    pool: server.pool,
    server: server.name,
    at: (options.start + milliseconds(at) + seconds(server.offsetSeconds)) as UnixNs,
    process: server.process,
    thread: 0x0a44 + 4 * Math.floor(random() * THREADS),
    sequence: sequence++,
    correlation: Math.floor(random() * CORRELATIONS),
    cpu: Math.floor(random() * 8),
  })
  // The first of each kind is for certain; the rest fall by lot.
  const falls = (share: number, kind: keyof TextCounts): boolean => {
    const due = share > 0 && (random() < share || (units.length > 9 && counts[kind] === 0))
    if (due) counts[kind]++
    return due
  }
  for (const { at, record } of entries.toSorted((a, b) => a.at - b.at)) {
    for (let lines = random() * 2 * options.noise; lines >= 0.5; lines--) {
      units.push(noiseLine(headAt(at), random))
    }
    if (falls(options.foreign, 'foreign')) units.push(foreignRecord(headAt(at).at, counts.foreign))
    if (falls(options.strayEnds, 'strayEnds')) units.push(STRAY_END)
    if (falls(options.interrupted, 'interrupted')) {
      units.push(interruptedRecord(headAt(at), counts.interrupted))
    }
    units.push(recordText(record, headAt(at), random))
    counts.records++
  }
  return units
}

const recordText = (record: Logged['record'], head: TraceHead, random: Random): string => {
  if (record.kind === 'message') {
    const { direction, peer, message } = record
    const instance = Math.floor(random() * 0xffff)
    const named = peer === undefined ? {} : { peer }
    return traceRecord({ ...head, direction, instance, message, ...named })
  }
  return diagRecord({
    ...head,
    ...record,
    level: 'WARN',
    peer: '192.0.2.30:5061',
    data: 'destination="user@contoso.com"',
    resultOnTextLine: random() < 0.3,
  })
}

/** The units as rotated files, the oldest first. */
export const filesOf = (
  server: Server,
  units: readonly string[],
  files: number,
  random: Random,
): TraceFile[] => {
  const cutAfter = (i: number): number => Math.floor(((i + random()) / files) * units.length)
  const cuts = Array.from({ length: files - 1 }, (_, i) => cutAfter(i + 0.5))
  const bounds = [0, ...cuts, units.length]
  const { name: of, encoding, crlf } = server
  return bounds.slice(1).map((end, i) => {
    const age = files - 1 - i
    const text = units.slice(bounds[i], end).join('')
    const name = `${of.toLowerCase()}.log${age === 0 ? '' : `.${age}`}`
    return { name, server: of, encoding, crlf, content: encoded(text, server) }
  })
}

const encoded = (text: string, { encoding, crlf }: Server): Buffer => {
  const lines = crlf ? text.replaceAll('\n', '\r\n') : text
  if (encoding === 'utf16le') return Buffer.from(`\uFEFF${lines}`, 'utf16le')
  return Buffer.from(encoding === 'utf8-bom' ? `\uFEFF${lines}` : lines, 'utf8')
}

/** The bytes in pieces of any length up to `longest`, as a file grows: also within a character. */
export const piecesOf = (content: Buffer, longest: number, random: Random): Buffer[] => {
  const pieces: Buffer[] = []
  for (let at = 0; at < content.length; at += pieces.at(-1)!.length) {
    pieces.push(content.subarray(at, at + 1 + Math.floor(random() * longest)))
  }
  return pieces
}
