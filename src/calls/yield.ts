import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Gives this thread less of a processor than the others of the process when there is too little: traces may
 * wait, but each delay of the clock thread widens a bound. Linux has a priority for each thread; elsewhere
 * only processes have one, and nothing is changed.
 */
export const yieldToOthers = (): void => {
  if (process.platform !== 'linux') return
  // `PID/task/TID`, of whoever reads it. A thread's id may be given where a process's is asked for.
  const id = Number(/\/task\/(\d+)$/.exec(threadLink())?.[1])
  if (id > 0) setPriority(id, constants.priority.PRIORITY_BELOW_NORMAL)
}

const threadLink = (): string => {
  try {
    return readlinkSync('/proc/thread-self')
  } catch {
    // Without /proc there is no way to know it.
    return ''
  }
}
