import { join, resolve, sep } from 'node:path'

/** The folder for what is not yet or no longer needed, in the state directory; emptied at each start. */
export const TEMPORARY = 'edgeclock.tmp'

/** Whether a path is one of the files that the state directory holds for us. */
export const isOurs = (directory: string, path: string): boolean => {
  const whole = resolve(path)
  const own = (name: string): string => resolve(join(directory, name))
  return (
    whole.startsWith(own(TEMPORARY) + sep) ||
    whole.startsWith(own('state.json')) ||
    whole === own('push.token')
  )
}
