import type { Seconds } from '../time/units.js'
import { daysSince1970 } from './calendar.js'

/** The head of a trace's record: who logged it, when by its own clock, and what kind it is. */
export interface TraceHead {
  /** `PROTOCOL`, `DIAG`, `COMPONENT`…: what stands behind TF_. */
  readonly flag: string
  /** As in `[POOL\SERVER]`; empty where the head has only a processor's number. */
  readonly server: string
  /** The server's own clock, UTC, in seconds of Unix time; to the millisecond, cut off. */
  readonly stamp: Seconds
}

/** A head is about 160 characters long, its function's name included. */
export const MAX_HEAD_LENGTH = 2048

/** Where each number stands in `MM/DD/YYYY-hh:mm:ss.mmm.`, and how many digits it has. */
const STAMP = {
  month: [0, 2],
  day: [3, 2],
  year: [6, 4],
  hour: [11, 2],
  minute: [14, 2],
  second: [17, 2],
  millisecond: [20, 3],
} as const
/** What stands between them: position, character code. */
const SEPARATORS = [
  [2, 47],
  [5, 47],
  [10, 45],
  [13, 58],
  [16, 58],
  [19, 46],
  [23, 46],
] as const

/**
 * The head in a line up to its `$$begin_record`; undefined if it is of another product, or broken:
 * `TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 (component,function:file(line))`
 * and its kin; dates are MM/DD/YYYY. White space between the parts may be missing. Not one regular
 * expression: its captures would cost a tenth of all the time that a trace takes.
 */
export const parseTraceHead = (line: string): TraceHead | undefined => {
  const level = line.indexOf('TL_')
  const flag = line.indexOf('(TF_', level)
  const flagEnd = line.indexOf(')', flag)
  const where = line.indexOf('[', flagEnd)
  const whereEnd = line.indexOf(']', where)
  const thread = line.indexOf('::', whereEnd)
  if (level < 0 || flag < 0 || flagEnd < 0 || where < 0 || whereEnd < 0 || thread < 0) {
    return undefined
  }
  const stamp = stampAt(line, thread + 2)
  if (stamp === undefined) return undefined
  const inside = line.slice(where + 1, whereEnd)
  const server = inside.slice(inside.lastIndexOf('\\') + 1)
  return { flag: line.slice(flag + 4, flagEnd), server: isNumber(server) ? '' : server, stamp }
}

/** A processor's number, which is no server. */
const isNumber = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}

const stampAt = (line: string, from: number): Seconds | undefined => {
  for (const [at, code] of SEPARATORS) if (line.charCodeAt(from + at) !== code) return undefined
  const number = ([at, digits]: readonly [number, number]): number => {
    let value = 0
    for (let i = from + at; i < from + at + digits; i++) {
      const digit = line.charCodeAt(i) - 48
      if (!(digit >= 0 && digit <= 9)) return Number.NaN
      value = value * 10 + digit
    }
    return value
  }
  const days = daysSince1970(number(STAMP.year), number(STAMP.month), number(STAMP.day))
  const hour = number(STAMP.hour)
  const minute = number(STAMP.minute)
  const second = number(STAMP.second)
  if (days === undefined || days < 0) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second
  const stamp = seconds + number(STAMP.millisecond) / 1000
  return Number.isNaN(stamp) ? undefined : stamp
}
