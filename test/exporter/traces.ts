import { appendFile, copyFile, rename, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '../../src/demo/trace-text.js'
import type { Incident } from '../calls/incident.js'
import type { TraceFile } from '../calls/incident/files.js'
import type { Metrics } from './exporter.js'

/** How a server's trace is rotated: what is full gets another name, is copied and emptied, or stays. */
export type Rotation = 'rename' | 'copytruncate' | 'new names'

interface Unwritten {
  readonly file: TraceFile
  readonly rotation: Rotation
  /** All bytes of the server's trace. */
  readonly total: number
  at: number
}

const shareLeft = (files: readonly Unwritten[]): number =>
  files.reduce((sum, { file, at, total }) => sum + (file.content.length - at) / total, 0)

/** Writes traces as their servers would: in pieces that end anywhere, with rotations in between. */
export class TraceWriter {
  readonly #folder: string
  readonly #random: Random
  /** Bytes written so far. */
  written = 0
  readonly #left: Unwritten[][]

  constructor(
    folder: string,
    files: readonly TraceFile[],
    rotationOf: (server: string) => Rotation,
    random: Random,
  ) {
    this.#folder = folder
    this.#random = random
    const servers = [...new Set(files.map(({ server }) => server))]
    this.#left = servers.map(server => {
      const own = files.filter(file => file.server === server)
      const total = own.reduce((sum, { content }) => sum + content.length, 0)
      return own.map(file => ({ file, rotation: rotationOf(server), total, at: 0 }))
    })
  }

  /**
   * One more piece of one server's trace, at most so many bytes; false once all is written. `read` waits until
   * all that is written was read: no program can read a file that came and went unseen, nor what is
   * emptied before. What is renamed may still have an unread end.
   */
  async write(longest: number, read: () => Promise<unknown>): Promise<boolean> {
    // The server that is farthest behind: all traces are of about the same minute.
    const files = this.#left
      .filter(waiting => waiting.length > 0)
      .reduce<Unwritten[] | undefined>(
        (behind, one) => (behind && shareLeft(behind) > shareLeft(one) ? behind : one),
        undefined,
      )
    const [current, next] = files ?? []
    if (!files || !current) return false
    const { file, rotation, at } = current
    const path = this.#path(file, rotation)
    const end = Math.min(file.content.length, at + 1 + Math.floor(this.#random() * longest))
    const rotates = end === file.content.length && next !== undefined
    if (rotates) await read()
    await appendFile(path, file.content.subarray(at, end))
    this.written += end - at
    current.at = end
    if (end < file.content.length) return true
    files.shift()
    if (rotates && rotation === 'copytruncate') await read()
    if (rotates) await this.#rotate(path, file, rotation)
    return true
  }

  #path({ name, server }: TraceFile, rotation: Rotation): string {
    return join(this.#folder, rotation === 'new names' ? `${name}.log` : `${server}.log`)
  }

  async #rotate(path: string, { name }: TraceFile, rotation: Rotation): Promise<void> {
    if (rotation === 'rename') await rename(path, join(this.#folder, `${name}.old`))
    if (rotation === 'copytruncate') {
      await copyFile(path, join(this.#folder, `${name}.copy.log`))
      await truncate(path)
    }
  }
}

const byLabels = (
  metrics: Metrics,
  name: string,
  labels: readonly string[],
): ReadonlyMap<string, number> =>
  new Map(
    metrics
      .all(name)
      .filter(({ value }) => value > 0)
      .map(({ labels: found, value }) => [
        labels.map(label => found[label] ?? '').join('|'),
        value,
      ]),
  )

const sorted = (map: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
  [...map].filter(([, value]) => value > 0).sort(([a], [b]) => (a < b ? -1 : 1))

type Rows = readonly (readonly [string, number])[]

export interface Counted {
  readonly outcomes: Rows
  readonly unresolved: number | undefined
  readonly umFailures: Rows
  readonly sipFailures: Rows
}

const sum = (a: Rows, b: Rows): Rows => {
  const total = new Map(a)
  for (const [key, value] of b) total.set(key, (total.get(key) ?? 0) + value)
  return sorted(total)
}

/** What two incidents come to. */
export const addedUp = (a: Counted, b: Counted): Counted => ({
  outcomes: sum(a.outcomes, b.outcomes),
  unresolved: (a.unresolved ?? 0) + (b.unresolved ?? 0),
  umFailures: sum(a.umFailures, b.umFailures),
  sipFailures: sum(a.sipFailures, b.sipFailures),
})

/** What /metrics counts, in the shape of `expected`. */
export const countedOf = (metrics: Metrics): Counted => ({
  outcomes: sorted(byLabels(metrics, 'edgeclock_um_calls_total', ['outcome'])),
  unresolved: metrics.value('edgeclock_um_calls_unresolved_total'),
  umFailures: sorted(
    byLabels(metrics, 'edgeclock_um_call_failures_total', ['sip_code', 'diagnostic', 'cause']),
  ),
  sipFailures: sorted(
    byLabels(metrics, 'edgeclock_sip_failures_total', [
      'server',
      'sip_code',
      'diagnostic',
      'cause',
    ]),
  ),
})

export const expected = ({ truth }: Incident): Counted => ({
  outcomes: sorted(new Map(Object.entries(truth.umCalls))),
  unresolved: truth.umUnresolved,
  umFailures: sorted(truth.umFailures),
  sipFailures: sorted(truth.sipFailures),
})

export const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
