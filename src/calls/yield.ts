import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

const { PRIORITY_BELOW_NORMAL } = constants.priority

/**
 * Gives this thread less of a processor than the others of the process when there is too little: traces may
 * wait, but each delay of the clock thread widens a bound. Linux has a priority for each thread; elsewhere
 * only processes have one, and nothing is changed. Nor is it where the system does not let us.
 */
export const yieldToOthers = (): void => {
  if (process.platform !== 'linux') return
  try {
    // A thread's id may be given where a process's is asked for. In another's /proc it is somebody else's.
    const [, pid, id] = /^(\d+)\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    if (Number(pid) !== process.pid || id === undefined) return
    if (getPriority(Number(id)) < PRIORITY_BELOW_NORMAL)
      setPriority(Number(id), PRIORITY_BELOW_NORMAL)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
