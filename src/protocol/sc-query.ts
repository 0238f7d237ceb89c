/** What `sc query SERVICE` tells that matters here. */
export interface ScState {
  /** winsvc.h, SERVICE_STATUS.dwCurrentState: 1 stopped, 2 starts, 3 stops, 4 running, 5 to 7 paused or about to. */
  readonly state: number
  /** Why it last ended; 1077 (ERROR_SERVICE_NEVER_STARTED) = it has not been started since the boot. */
  readonly win32ExitCode: number
}

/** Some hundred characters is what there is. */
const TEXT_LIMIT = 8192
/** `TYPE : 30  WIN32`, in hexadecimal. */
const TYPE = /^[0-9a-f]{1,8} +\S/i
/** `STATE : 4  RUNNING` */
const STATE = /^([1-7]) +\S/
/** `WIN32_EXIT_CODE : 1077  (0x435)`; of a text that is cut off, the two differ. */
const EXIT_CODE = /^(\d{1,10}) +\(0x([0-9a-f]{1,8})\)$/i

/**
 * Reads `sc query SERVICE` by the order and the shape of its values, as the labels have a language.
 * Undefined where that is not what the text is: there is no such service, no access, cut off.
 */
export const parseScQuery = (text: string): ScState | undefined => {
  if (text.length > TEXT_LIMIT) return undefined
  // A no-break space is 0xFF in the code pages of DOS. Of the first line's value nothing is known.
  const [, type, state, exitCode] = text
    .replaceAll(/[\u00a0\u00ff\t]/g, ' ')
    .split('\n')
    .filter(line => line.includes(':'))
    .map(line => line.slice(line.indexOf(':') + 1).trim())
  if (!TYPE.test(type ?? '')) return undefined
  const stateDigit = STATE.exec(state ?? '')?.[1]
  const [, decimal, hex] = EXIT_CODE.exec(exitCode ?? '') ?? []
  if (stateDigit === undefined || decimal === undefined || hex === undefined) return undefined
  const win32ExitCode = Number(decimal)
  return win32ExitCode === Number.parseInt(hex, 16)
    ? { state: Number(stateDigit), win32ExitCode }
    : undefined
}
