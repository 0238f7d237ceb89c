import { parse } from 'node:path'
import type { SipMessage } from '../../protocol/sip-message.js'
import type { Seconds } from '../../time/units.js'
import { ServerNames } from '../server-names.js'
import type { ServerFindings, StampFindings } from './findings.js'

/** Servers of one file. More than any pool has; the rest has no stamps told. */
const MAX_SERVERS = 64
const POOL = /^[\w.-]{1,253}$/

/** What the heads say of the servers, in all the input. */
export class Servers {
  readonly #names = new ServerNames([])
  readonly #known = new Map<string, ServerFindings>()

  /** As PoolCalls labels a server that no configuration names. */
  label(logged: string): string {
    return this.#names.label(logged)
  }

  /** `pool`: '' where the head names none. */
  see(logged: string, pool: string, namedByFile: boolean): void {
    const name = this.label(logged)
    const known = this.#known.get(name)
    if (known && (known.pool !== '' || pool === '')) return
    this.#known.set(name, {
      name,
      // A log is not trusted with names: `other` stands for what is none.
      logged_as: name === logged.toLowerCase() ? structuredClone(logged) : name,
      pool: POOL.test(pool) ? structuredClone(pool) : '',
      named_by_file: namedByFile,
    })
  }

  list(): readonly ServerFindings[] {
    return [...this.#known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

interface Stamps {
  first: Seconds
  last: Seconds
}

/** Who wrote one file, and when by his own clock. */
export class FileServers {
  readonly #servers: Servers
  readonly #fileName: string
  /** By the name as logged: millions of records name the same few. */
  readonly #stamps = new Map<string, Stamps>()

  constructor(servers: Servers, path: string) {
    this.#servers = servers
    this.#fileName = nameOf(path)
  }

  /**
   * Sees a message. One that names no server but has a server's stamp is of the file's only one: OCSLogger
   * runs on each server for itself. It gets the name of the file, up to its first dot, so that rotated
   * files are one server's.
   */
  message(message: SipMessage): void {
    const { stamp } = message
    if (Number.isNaN(stamp)) return
    const namedByFile = message.server === ''
    if (namedByFile) message.server = this.#fileName
    const known = this.#stamps.get(message.server)
    if (known) {
      if (stamp < known.first) known.first = stamp
      if (stamp > known.last) known.last = stamp
      return
    }
    if (this.#stamps.size >= MAX_SERVERS) return
    this.#servers.see(message.server, namedByFile ? '' : poolOf(message), namedByFile)
    this.#stamps.set(structuredClone(message.server), { first: stamp, last: stamp })
  }

  /** A Windows event: its computer, and ISO 8601 by its clock. */
  event(computer: string, created: string): void {
    const stamp = Date.parse(created) / 1000
    if (computer === '' || Number.isNaN(stamp)) return
    const known = this.#stamps.get(computer)
    if (known) {
      known.first = Math.min(known.first, stamp)
      known.last = Math.max(known.last, stamp)
    } else if (this.#stamps.size < MAX_SERVERS) {
      this.#servers.see(computer, '', false)
      this.#stamps.set(structuredClone(computer), { first: stamp, last: stamp })
    }
  }

  findings(): readonly StampFindings[] {
    return Array.from(this.#stamps, ([logged, { first, last }]) => ({
      server: this.#servers.label(logged),
      first: isoOf(first),
      last: isoOf(last),
    }))
  }
}

/** `FE1.log.2` → `FE1`; what a host's name cannot have becomes a hyphen. */
const nameOf = (path: string): string => {
  const [stem = ''] = parse(path).base.split('.')
  return stem.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'unnamed'
}

/** The pool in `[POOL\SERVER]` of the head before a message; looked for once for each server and file. */
const poolOf = ({ text, server, callIdFrom }: SipMessage): string => {
  const end = text.lastIndexOf(`\\${server}]`, callIdFrom)
  const begin = text.lastIndexOf('[', end)
  return end < 0 || begin < 0 ? '' : text.slice(begin + 1, end)
}

const isoOf = (stamp: Seconds): string => new Date(Math.round(stamp * 1000)).toISOString()
