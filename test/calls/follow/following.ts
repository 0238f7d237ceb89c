import { Follower, type FollowOptions } from '../../../src/calls/follow/follower.js'
import type { SavedFile } from '../../../src/calls/follow/saved.js'
import type { LogFields, LogLevel } from '../../../src/net/log.js'
import type { TextReader } from '../../../src/protocol/text-reader.js'
import { type MonoNs, seconds } from '../../../src/time/units.js'
import type { Scope } from '../../peers/scope.js'

/** Hands lines on; a line that does not fit in a window is skipped. */
export class LineReader implements TextReader {
  readonly #got: string[]
  #lines: number

  constructor(got: string[], saved: unknown) {
    this.#got = got
    this.#lines = typeof saved === 'number' ? saved : 0
  }

  read(text: string, more: boolean): number {
    const end = text.lastIndexOf('\n') + 1
    if (end === 0) return more ? text.length : 0
    const lines = text.slice(0, end - 1).split('\n')
    this.#lines += lines.length
    this.#got.push(...lines)
    return end
  }

  save(): unknown {
    return this.#lines
  }
}

export type Logged = { level: LogLevel; message: string; fields: LogFields | undefined }

/** A follower with its consumer and a clock that goes when it is told to. */
export class Following {
  got: string[] = []
  readonly logged: Logged[] = []
  follower: Follower
  readonly #options: Partial<FollowOptions> & { pattern: string }
  #now = 0n as MonoNs

  constructor(scope: Scope, options: Partial<FollowOptions> & { pattern: string }) {
    this.#options = options
    this.follower = this.#open(options.saved ?? [])
    scope.teardown(() => this.follower.close())
  }

  pass(s: number): void {
    this.#now = (this.#now + seconds(s)) as MonoNs
  }

  /** Everything there is, as a caller does it. */
  async readAll(passSeconds = 1, budgetBytes = 1e9): Promise<string[]> {
    this.pass(passSeconds)
    while ((await this.follower.round(budgetBytes)).more);
    return this.got
  }

  /** What a kill leaves: an earlier save, and what the consumer had then. */
  async restart(saved: readonly SavedFile[] = this.follower.save(), got = this.got): Promise<void> {
    await this.follower.close()
    this.got = [...got]
    this.follower = this.#open(JSON.parse(JSON.stringify(saved)))
  }

  messages(): string[] {
    return this.logged.map(({ message }) => message)
  }

  #open(saved: readonly SavedFile[]): Follower {
    return new Follower({
      newReader: readerState => new LineReader(this.got, readerState),
      log: (level, message, fields) => this.logged.push({ level, message, fields }),
      clock: { mono: () => this.#now },
      ...this.#options,
      saved,
    })
  }
}
