/** MS-ERREF 2.3.1: those that a server may answer the beginning of a logon with. */
export const NTSTATUS = {
  success: 0,
  pending: 0x0000_0103,
  moreProcessingRequired: 0xc000_0016,
} as const

const NAMES: ReadonlyMap<number, string> = new Map([
  [0xc000_000d, 'STATUS_INVALID_PARAMETER'],
  [0xc000_0022, 'STATUS_ACCESS_DENIED'],
  [0xc000_005e, 'STATUS_NO_LOGON_SERVERS'],
  [0xc000_006d, 'STATUS_LOGON_FAILURE'],
  [0xc000_009a, 'STATUS_INSUFFICIENT_RESOURCES'],
  [0xc000_00bb, 'STATUS_NOT_SUPPORTED'],
  [0xc000_00d0, 'STATUS_REQUEST_NOT_ACCEPTED'],
  [0xc000_0203, 'STATUS_USER_SESSION_DELETED'],
  [0xc000_0418, 'STATUS_NTLM_BLOCKED'],
])

/** For people: `STATUS_ACCESS_DENIED (c0000022)`, or the number alone where it is a rare one. */
export const statusText = (status: number): string => {
  const digits = (status >>> 0).toString(16).padStart(8, '0')
  const name = NAMES.get(status >>> 0)
  return name === undefined ? `status ${digits}` : `${name} (${digits})`
}
