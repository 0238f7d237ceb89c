import type { TextReader } from '../../protocol/text-reader.js'
import type { TraceSink } from '../../protocol/trace-sink.js'
import { TraceTextReader } from '../../protocol/trace-text.js'
import { WindowsEventReader } from '../../protocol/windows-event.js'
import { PoolCalls, type SourceCounts } from '../pool-calls.js'
import type { FileFindings } from './findings.js'
import type { Input } from './input.js'
import { Named } from './named.js'
import { FileServers, Servers } from './servers.js'
import { type Kind, TraceFile } from './trace-file.js'

/** No state directory, so no secret: the same input gives the same answer. */
const SEED = 0

interface FileAtWork {
  readonly file: TraceFile
  readonly counts: SourceCounts
  readonly servers: FileServers
}

/** How far the reading is. */
export interface Progress {
  /** Bytes read, and those that there are; the latter is 0 where one of the inputs does not tell. */
  readonly done: number
  readonly total: number
}

export interface ReadingOptions {
  /** Told after each window. */
  readonly onProgress?: (progress: Progress) => void
  /** A file that could not be read, or not to its end; `detail` is for people. */
  readonly onProblem?: (name: string, detail: string) => void
}

/** All input, read and joined as one pool. */
export class Reading {
  readonly calls = new PoolCalls('', [], SEED, 0)
  readonly servers = new Servers()
  readonly named = new Named()
  readonly #files: FileAtWork[] = []
  readonly #options: ReadingOptions

  constructor(options: ReadingOptions = {}) {
    this.#options = options
  }

  /** Reads everything to its end, and counts the calls as they then stand. */
  async readAll(inputs: readonly Input[]): Promise<void> {
    const files = inputs.map(input => this.#add(input))
    let open = files
    while (open.length > 0) {
      const next = open.reduce((a, b) => (b.file.isBehind(a.file) ? b : a))
      const problem = await next.file.turn()
      if (problem !== undefined) this.#options.onProblem?.(next.file.input.name, problem)
      this.#options.onProgress?.(progressOf(files))
      if (next.file.ended) await next.file.input.close()
      open = open.filter(({ file }) => !file.ended)
    }
    this.calls.end()
  }

  files(): readonly FileFindings[] {
    return this.#files.map(({ file, counts, servers }) => ({
      name: file.input.name,
      bytes: file.bytes,
      records: counts.records,
      malformed: counts.malformed,
      servers: servers.findings(),
    }))
  }

  #add(input: Input): FileAtWork {
    const counts = { records: 0, malformed: 0, dropped: 0 }
    const servers = new FileServers(this.servers, input.name)
    const readers: { readonly [K in Kind]: () => TextReader } = {
      trace: () => new TraceTextReader(this.#sink(counts, servers)),
      events: () => this.#eventReader(counts, servers),
    }
    const file = new TraceFile(input, kind => readers[kind]())
    const added = { file, counts, servers }
    this.#files.push(added)
    return added
  }

  #sink(counts: SourceCounts, servers: FileServers): TraceSink {
    const sink = this.calls.sink(counts)
    return {
      ...sink,
      message: message => {
        servers.message(message)
        this.named.message(message)
        sink.message(message)
      },
    }
  }

  #eventReader(counts: SourceCounts, servers: FileServers): TextReader {
    return new WindowsEventReader(
      event => {
        counts.records++
        servers.event(event.computer, event.timeCreated)
        this.calls.event(event)
      },
      () => void counts.malformed++,
    )
  }
}

const progressOf = (files: readonly FileAtWork[]): Progress => {
  let done = 0
  let total = 0
  for (const { file } of files) {
    done += file.ended ? file.bytes : file.done
    total += file.input.size ?? Number.NaN
  }
  return { done, total: Number.isNaN(total) ? 0 : total }
}
