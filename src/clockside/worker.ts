import { workerData } from 'node:worker_threads'
import type { Config } from '../config/config.js'
import { nodePlatform } from '../net/node-platform.js'
import { threadPort } from '../net/thread-port.js'
import { ClockSide } from './clock-side.js'
import type { ClockQuestions } from './messages.js'

/** The clock thread's own file: it joins a ClockSide to the questions of the main thread. */
const port = threadPort<ClockQuestions>()
const side = new ClockSide(nodePlatform(), port.log, workerData as Config)

port.answer(async question => {
  switch (question.kind) {
    case 'apply':
      side.apply(question.asked)
      return true
    case 'snapshot':
      return side.snapshot()
    case 'probe':
      return side.probe(question.asked)
  }
})
