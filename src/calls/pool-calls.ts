import { catalogued } from '../protocol/event-catalogue.js'
import type { TraceSink } from '../protocol/trace-sink.js'
import type { WindowsEvent } from '../protocol/windows-event.js'
import type { Seconds } from '../time/units.js'
import { type Fingerprint, fingerprint } from './fingerprint.js'
import { Ledger, type Patience, type SavedLedger, type Tally } from './ledger.js'
import { Seen } from './seen.js'
import { type Sample, Series } from './series.js'
import { type Identities, ServerNames } from './server-names.js'
import { TraceClocks, type TraceOffset } from './trace-clocks.js'

/** Events remembered, so that the same ones exported again count once. */
const MAX_EVENTS_SEEN = 16_384
/** A source that is never read to its end, as on a dead file server, keeps its pool's counts back no longer. */
const LONGEST_FIRST_READING: Seconds = 600

/** What a source has read. Bytes aside, which its reader counts. */
export interface SourceCounts {
  records: number
  malformed: number
  dropped: number
}

export interface SavedPool {
  readonly ledger: SavedLedger
  /** Labels: server, event_id. */
  readonly events: readonly Sample[]
  readonly eventsSeen: string
  /** Saved by a version that had none: they had begun. */
  readonly hasBegun?: boolean
  readonly identities?: Identities
}

/** What is counted of one pool. Plain data. */
export interface PoolTally extends Tally {
  readonly pool: string
  /** The configured servers: each has its series from the start. */
  readonly servers: readonly string[]
  /** Labels: server, event_id. */
  readonly events: readonly Sample[]
  /**
   * False until what lay there when counting began is counted: old traces must not look like calls that fail
   * now, as a counter does that grows.
   */
  readonly hasBegun: boolean
}

/** What a source puts into its pool, until it is stopped: a round that hangs may end later. */
export class PoolTap {
  readonly #pool: PoolCalls
  #isOpen = true

  constructor(pool: PoolCalls) {
    this.#pool = pool
  }

  /** Monotonic seconds; to be moved on by what takes its time. */
  set now(now: Seconds) {
    this.#pool.now = now
  }

  sink(counts: SourceCounts): TraceSink {
    const sink = this.#pool.sink(counts)
    return {
      message: message => void (this.#isOpen && sink.message(message)),
      diagnosis: diagnosis => void (this.#isOpen && sink.diagnosis(diagnosis)),
      record: () => void (this.#isOpen && sink.record()),
      malformed: () => void (this.#isOpen && sink.malformed()),
    }
  }

  event(event: WindowsEvent): void {
    if (this.#isOpen) this.#pool.event(event)
  }

  close(): void {
    this.#isOpen = false
  }
}

/** What a source knows of its pool. */
export type Inlet = Pick<PoolTap, 'sink' | 'event' | 'now'>

/** All that the sources of one pool have in common: its calls, events, clocks and servers' names. */
export class PoolCalls {
  readonly name: string
  readonly #seed: number
  readonly #ledger: Ledger
  readonly #clocks: TraceClocks
  #configured: readonly string[]
  /** By server, and saved: after a restart records are read before the servers are. */
  #identities: ReadonlyMap<string, readonly string[]>
  #servers: ServerNames
  readonly #events = new Series(([, id = '']) => ['', id])
  readonly #eventsSeen: Seen
  #hasBegun: boolean
  /** When all that lay there was first read. */
  #firstRead: Seconds | undefined
  readonly #createdAt: Seconds

  /** `servers`: the configured ones' names. `now`: monotonic. */
  constructor(
    name: string,
    servers: readonly string[],
    seed: number,
    now: Seconds,
    saved?: SavedPool,
  ) {
    this.name = name
    this.#seed = seed
    this.#ledger = new Ledger(seed, saved?.ledger, now)
    this.#clocks = new TraceClocks(seed)
    this.#eventsSeen = Seen.restore(saved?.eventsSeen ?? '', MAX_EVENTS_SEEN)
    for (const [labels, value] of saved?.events ?? []) this.#events.add(labels, value)
    this.#configured = servers
    this.#identities = new Map(saved?.identities)
    this.#servers = this.#namesWith(servers)
    this.#hasBegun = saved !== undefined && saved.hasBegun !== false
    this.#createdAt = now
  }

  /** What the configuration says now: the servers' names, and how long a call may be quiet. */
  configure(servers: readonly string[], patience: Patience): void {
    this.#ledger.patience = patience
    this.#configured = servers
    this.#servers = this.#namesWith(servers)
  }

  /**
   * What the servers call themselves, from now on; of those that are not among them what was known stays. Counts
   * stay where they are.
   */
  identify(identities: Identities): void {
    const known = [...this.#identities, ...identities]
    this.#identities = new Map(known.filter(([server]) => this.#configured.includes(server)))
    this.#servers = this.#namesWith(this.#configured)
  }

  /** Monotonic seconds; moved on by whoever has a clock, before each portion. */
  set now(now: Seconds) {
    this.#ledger.now = now
    this.#clocks.now = now
  }

  /** Where a source puts what it reads. */
  sink(counts: SourceCounts): TraceSink {
    return {
      message: message => {
        const server = this.#servers.label(message.server)
        this.#ledger.message(message, server)
        this.#clocks.message(message, server)
      },
      diagnosis: diagnosis => this.#ledger.diagnosis(diagnosis),
      record: () => void counts.records++,
      malformed: () => void counts.malformed++,
    }
  }

  /** Counts an event if it is the catalogue's, and was not read before. */
  event(event: WindowsEvent): void {
    const known = catalogued(event)
    if (!known || !this.#eventsSeen.add(this.#identity(event))) return
    this.#events.add([this.#servers.label(event.computer), String(known.id)])
  }

  /** Counts the calls that are over. `caughtUp`: there is nothing more to read now. */
  settle(caughtUp: boolean): void {
    this.#ledger.settle(caughtUp)
    if (this.#hasBegun) return
    const { now } = this.#ledger
    const isRead = caughtUp || now - this.#createdAt >= LONGEST_FIRST_READING
    if (isRead) this.#firstRead ??= now
    if (this.#firstRead === undefined) return
    this.#hasBegun = !this.#ledger.hasOpenSince(this.#firstRead)
  }

  /** Counts all calls as they stand. */
  end(): void {
    this.#ledger.end()
  }

  tally(): PoolTally {
    return {
      pool: this.name,
      servers: this.#configured,
      ...this.#ledger.tally(),
      events: this.#events.samples(),
      hasBegun: this.#hasBegun,
    }
  }

  get open(): number {
    return this.#ledger.open
  }

  offsets(): readonly TraceOffset[] {
    return this.#clocks.offsets()
  }

  save(): SavedPool {
    return {
      ledger: this.#ledger.save(),
      events: this.#events.samples(),
      eventsSeen: this.#eventsSeen.save(),
      hasBegun: this.#hasBegun,
      identities: [...this.#identities],
    }
  }

  /** Names that series have already are labels for good. */
  #namesWith(servers: readonly string[]): ServerNames {
    const { sipFailures } = this.#ledger.tally()
    const known = [...sipFailures, ...this.#events.samples()].map(([[server = '']]) => server)
    return new ServerNames(servers, known, [...this.#identities])
  }

  /** A record's number begins anew when its log is cleared; the instant does not. */
  #identity({ computer, channel, recordId, timeCreated }: WindowsEvent): Fingerprint {
    const text = [computer, channel, recordId, timeCreated].join('\n')
    return fingerprint(text, 0, text.length, this.#seed)
  }
}
