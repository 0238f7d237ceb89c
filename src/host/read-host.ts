import { readLinux } from './linux.js'
import type { ReadHost } from './reading.js'
import { readWindows } from './windows.js'

const readers: Readonly<Record<string, () => ReadHost>> = {
  win32: readWindows,
  linux: readLinux,
}

/** How this machine's time service is read; undefined on systems whose time services we do not know. */
export const readHost = (): ReadHost | undefined => readers[process.platform]?.()
