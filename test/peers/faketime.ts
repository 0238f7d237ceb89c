import { rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { requirePeer } from './peer.js'
import { type Scope, temporaryFolder } from './scope.js'

/** Seconds of a unit in libfaketime's notation of an offset. */
const UNIT_SECONDS: Record<string, number> = {
  '': 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  y: 31_536_000,
}

/** `-6h`, `+90.5`, `+2d` in seconds, positive = ahead of true time. */
export const offsetSeconds = (offset: string): number => {
  const [, number, unit = ''] = /^([+-][\d.]+)([smhdy]?)$/.exec(offset) ?? []
  if (number === undefined) throw new Error(`not an offset: ${offset}`)
  return Number(number) * (UNIT_SECONDS[unit] ?? 1)
}

/**
 * The library is named without its folder, since LD_PRELOAD is split at spaces and a project's path
 * may have one. It goes first for the program's own libraries to be found after it.
 */
const preload = (): Record<string, string> => {
  const { path } = requirePeer('libfaketime')
  return {
    LD_PRELOAD: basename(path),
    LD_LIBRARY_PATH: dirname(path),
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
  }
}

/** The variables that shift a program's wall clock once and for all. */
export const shiftedEnv = (offset: string): Record<string, string> => {
  offsetSeconds(offset)
  return { ...preload(), FAKETIME: offset }
}

export type SteppingClock = {
  env: Record<string, string>
  /** Sets the offset against the true wall clock, from the program's next look at it on. */
  step: (offset: string) => Promise<void>
}

/**
 * The variables that let a test step the wall clock of any program but a Go one while it runs.
 *
 * Measured on Node 20: `Date.now()` follows a step at once and so do the times of files (`fs.stat`);
 * `process.hrtime`, `performance.now()`, timers and `os.uptime()` do not, so the boot time reckoned
 * as wall clock less uptime moves by the step. Every reading opens the file anew: it takes some 5 µs.
 */
export const steppingClock = async (scope: Scope, offset = '+0'): Promise<SteppingClock> => {
  const file = join(await temporaryFolder(scope, 'faketime'), 'offset')
  const step = async (to: string) => {
    offsetSeconds(to)
    // Renamed into place: the program never reads half a line.
    await writeFile(`${file}.next`, `${to}\n`)
    await rename(`${file}.next`, file)
  }
  await step(offset)
  return { env: { ...preload(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' }, step }
}
