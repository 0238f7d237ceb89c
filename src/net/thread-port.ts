import { parentPort } from 'node:worker_threads'
import type { FromThread, Question, Questions } from './asked-thread.js'
import type { Log } from './log.js'

/** The thread's own end: its log, its news, and who answers what it is asked. */
export interface ThreadPort<Q extends Questions, News> {
  readonly log: Log
  tell(news: News): void
  answer(answer: (question: Question<Q>) => Promise<unknown>): void
}

/** @throws Error outside a worker thread */
export const threadPort = <Q extends Questions, News = never>(): ThreadPort<Q, News> => {
  const port = parentPort
  if (!port) throw new Error('this file runs only as a worker thread')
  const post = (message: FromThread<News>): void => port.postMessage(message)
  return {
    log: (level, message, fields = {}) => post({ kind: 'log', level, message, fields }),
    tell: news => post({ kind: 'news', news }),
    answer: answer => {
      port.on('message', (question: Question<Q>) => {
        // A rejection is a bug of ours: it ends the thread, and with it the exporter, for all to see.
        void answer(question).then(value =>
          post({ kind: 'answer', id: question.id, answer: value }),
        )
      })
    },
  }
}
