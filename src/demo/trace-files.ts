import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Some minutes of the demo's calls; beyond it a new file is begun. */
const MAX_BYTES = 1_000_000
/** Of each server: what whoever follows them may still be reading. */
const FILES_KEPT = 3

interface Current {
  number: number
  bytes: number
}

/** Traces of any number of servers in one folder, each in files that end: old ones are deleted. */
export class TraceFiles {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #current = new Map<string, Current>()

  constructor(folder: string, maxBytes = MAX_BYTES) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  /** At the end of the server's newest file, at once: nothing is under way when the folder is removed. @throws Error */
  append(server: string, text: string): void {
    const current = this.#current.get(server) ?? { number: 1, bytes: 0 }
    this.#current.set(server, current)
    if (current.bytes >= this.#maxBytes) {
      current.number++
      current.bytes = 0
      rmSync(this.#path(server, current.number - FILES_KEPT), { force: true })
    }
    appendFileSync(this.#path(server, current.number), text)
    current.bytes += Buffer.byteLength(text)
  }

  #path(server: string, number: number): string {
    return join(this.#folder, `${server}-${String(number).padStart(6, '0')}.log`)
  }
}
