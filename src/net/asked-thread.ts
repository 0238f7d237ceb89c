import { Worker } from 'node:worker_threads'
import { type DurationNs, toMilliseconds } from '../time/units.js'
import type { Log, LogFields, LogLevel } from './log.js'

/** What a thread may be asked, and what it answers. Plain data both ways. */
export type Questions = {
  readonly [kind: string]: { readonly asked: unknown; readonly answer: unknown }
}

/** A question on its way to a thread. */
export type Question<Q extends Questions> = {
  [K in keyof Q & string]: {
    readonly id: number
    readonly kind: K
    readonly asked: Q[K]['asked']
  }
}[keyof Q & string]

/** What a thread says: an answer, a line for the log, or something unasked. */
export type FromThread<News> =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | {
      readonly kind: 'log'
      readonly level: LogLevel
      readonly message: string
      readonly fields: LogFields
    }
  | { readonly kind: 'news'; readonly news: News }

export interface ThreadOptions<News> {
  /** For messages, as in "the clock thread". */
  readonly name: string
  /** The thread's own file, and what it begins with. */
  readonly file: URL
  readonly data: unknown
  readonly log: Log
  /** Hears when the thread ends unasked. */
  readonly onEnd: (error: Error) => void
  readonly onNews?: (news: News) => void
  /** The error for a question that was not answered in time. */
  readonly silent: (message: string) => Error
}

/** The main thread's end of a thread that is asked questions. */
export class AskedThread<Q extends Questions, News = never> {
  readonly #options: ThreadOptions<News>
  readonly #worker: Worker
  readonly #waiting = new Map<number, (answer: unknown) => void>()
  #nextId = 0
  #stopping = false

  constructor(options: ThreadOptions<News>) {
    this.#options = options
    this.#worker = new Worker(options.file, { workerData: options.data })
    this.#worker.on('message', (message: FromThread<News>) => this.#hear(message))
    this.#worker.on('error', options.onEnd)
    this.#worker.on('exit', code => {
      if (!this.#stopping) options.onEnd(new Error(`the ${options.name} ended with ${code}`))
    })
  }

  /** @throws what `silent` makes, where there is no answer in time */
  async ask<K extends keyof Q & string>(
    kind: K,
    asked: Q[K]['asked'],
    timeout: DurationNs,
  ): Promise<Q[K]['answer']> {
    const { name, silent } = this.#options
    const id = this.#nextId++
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(silent(`the ${name} gave no ${kind} in time`))
      }, toMilliseconds(timeout))
      this.#waiting.set(id, answer => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.#worker.postMessage({ id, kind, asked })
    })
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#worker.terminate()
  }

  #hear(message: FromThread<News>): void {
    switch (message.kind) {
      case 'log':
        return this.#options.log(message.level, message.message, message.fields)
      case 'news':
        return this.#options.onNews?.(message.news)
      case 'answer':
        this.#waiting.get(message.id)?.(message.answer)
        this.#waiting.delete(message.id)
    }
  }
}
