import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../config/config.js'
import { nodePlatform } from '../net/node-platform.js'
import { ClockSide } from './clock-side.js'
import type { FromClockThread, Question } from './messages.js'

/** The clock thread's own file: it joins a ClockSide to the messages of the main thread. */
const port = parentPort
if (!port) throw new Error('this file runs only as a worker thread')

const post = (message: FromClockThread): void => port.postMessage(message)
const side = new ClockSide(
  nodePlatform(),
  (level, message, fields = {}) => post({ kind: 'log', level, message, fields }),
  workerData as Config,
)

const answer = async (question: Question): Promise<unknown> => {
  switch (question.kind) {
    case 'apply':
      side.apply(question.asked)
      return true
    case 'snapshot':
      return side.snapshot()
    case 'probe':
      return side.probe(question.asked)
  }
}

port.on('message', (question: Question) => {
  // A rejection is a bug of ours: it ends the thread, and with it the exporter, for all to see.
  void answer(question).then(value => post({ kind: 'answer', id: question.id, answer: value }))
})
