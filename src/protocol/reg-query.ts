export interface RegValue {
  /** `REG_SZ`, `REG_DWORD`, … */
  readonly type: string
  /** As printed: a number `0xd2f0`, bytes `BA0AE21C`, several texts with `\0` between them. */
  readonly data: string
}

/** By the key's path, then by the value's name; both in lower case, as the registry does not tell them apart. */
export interface RegKeys extends ReadonlyMap<string, ReadonlyMap<string, RegValue>> {
  /** The text ended within a line, or without the empty one that is behind each key: there was more. */
  readonly isCut?: boolean
}

const KEY = /^HKEY_[A-Z_]+(?:\\|$)/
const TYPE = /^REG_[A-Z_]{1,40}$/
const SEPARATOR = '    '

/** `    NAME    TYPE    DATA`; the name may hold spaces. */
const parseValue = (line: string): readonly [name: string, value: RegValue] | undefined => {
  if (!line.startsWith(SEPARATOR)) return undefined
  const parts = line.slice(SEPARATOR.length).split(SEPARATOR)
  const at = parts.findIndex(part => TYPE.test(part))
  const type = parts[at]
  if (at < 1 || type === undefined) return undefined
  const data = parts.slice(at + 1).join(SEPARATOR)
  return [parts.slice(0, at).join(SEPARATOR).toLowerCase(), { type, data }]
}

/** Reads `reg query KEY /s`. What is no key or value is passed over, and so is a last line that does not
 * end: it may be cut off within a number. */
export const parseRegQuery = (text: string): RegKeys => {
  const keys = new Map<string, Map<string, RegValue>>()
  let key: Map<string, RegValue> | undefined
  const lines = text.split('\n')
  const rest = lines.pop()
  for (const line of lines) {
    const whole = line.trimEnd()
    if (KEY.test(whole)) {
      const path = whole.toLowerCase()
      key = keys.get(path) ?? new Map<string, RegValue>()
      keys.set(path, key)
      continue
    }
    const parsed = parseValue(whole)
    if (parsed) key?.set(...parsed)
  }
  return Object.assign(keys, { isCut: rest !== '' || KEY.test(lines.at(-1) ?? '') })
}

/** A REG_DWORD's number. */
export const dword = (value: RegValue | undefined): number | undefined =>
  value?.type === 'REG_DWORD' && /^0x[0-9a-f]{1,8}$/i.test(value.data)
    ? Number(value.data)
    : undefined

/** A text that is not empty. */
export const regText = (value: RegValue | undefined): string | undefined =>
  value?.type === 'REG_SZ' || value?.type === 'REG_EXPAND_SZ'
    ? value.data.trim() || undefined
    : undefined

/** The GUID in a REG_BINARY of 16 bytes, in lower case: its first three parts are little-endian ([MS-DTYP] 2.3.4.2). */
export const regGuid = (value: RegValue | undefined): string | undefined => {
  if (value?.type !== 'REG_BINARY' || !/^[0-9a-f]{32}$/i.test(value.data)) return undefined
  const bytes = value.data.toLowerCase().match(/../g) ?? []
  const part = (...at: readonly number[]): string => at.map(i => bytes[i]).join('')
  const rest = part(10, 11, 12, 13, 14, 15)
  return [part(3, 2, 1, 0), part(5, 4), part(7, 6), part(8, 9), rest].join('-')
}
