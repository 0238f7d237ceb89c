import { workerData } from 'node:worker_threads'
import type { Config } from '../config/config.js'
import { nodePlatform } from '../net/node-platform.js'
import { threadPort } from '../net/thread-port.js'
import { Keeper } from './keeper.js'
import type { CallsNews, CallsQuestions } from './messages.js'
import { yieldToOthers } from './yield.js'

yieldToOthers()

/** The calls thread's own file: it joins a Keeper to the questions of the main thread. */
const port = threadPort<CallsQuestions, CallsNews>()
const opening = Keeper.open({
  platform: nodePlatform(),
  log: port.log,
  config: workerData as Config,
  publish: snapshot => port.tell(snapshot),
  onLost: error => {
    // Whatever was counted since the last write is another process's to count.
    throw error
  },
})

const keeper = async (): Promise<Keeper> => {
  const kept = await opening
  if (!kept.ok) throw new Error(kept.detail)
  return kept.keeper
}

port.answer(async question => {
  switch (question.kind) {
    case 'begin': {
      const kept = await opening
      return kept.ok ? { ok: true } : kept
    }
    case 'apply':
      await (await keeper()).apply(question.asked)
      return true
    case 'identities':
      ;(await keeper()).identify(question.asked)
      return true
    case 'push':
      return (await keeper()).push(question.asked.source, question.asked.path, question.asked.hash)
    case 'stop':
      await (await keeper()).stop()
      return true
  }
})
