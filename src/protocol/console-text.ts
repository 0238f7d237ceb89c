const BOM = { utf8: [0xef, 0xbb, 0xbf], utf16: [0xff, 0xfe] } as const
/** Of characters that are made at once. */
const CHUNK = 8192

const beginsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, i) => bytes[i] === byte)

/** Text in a Western language has a zero in each second byte; in any, digits and line breaks do. */
const hasUtf16Zeros = (bytes: Uint8Array): boolean => {
  const zeros = [0, 0]
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) zeros[at % 2]!++
  return zeros[1]! > zeros[0]!
}

const decodeUtf16 = (bytes: Uint8Array): string =>
  new TextDecoder('utf-16le').decode(bytes.subarray(0, bytes.length & ~1))

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const decodeBytes = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return text
}

/**
 * What a tool of Windows printed: UTF-16LE, UTF-8, or else one character a byte, as the code page of
 * its console is not known. Of all those pages digits and `:().,` are as in ASCII, and nothing else is
 * mistaken for them: the second byte of a character is 0x40 at least.
 */
export const decodeConsole = (bytes: Uint8Array): string => {
  if (beginsWith(bytes, BOM.utf16) || hasUtf16Zeros(bytes)) return decodeUtf16(bytes)
  if (beginsWith(bytes, BOM.utf8)) return new TextDecoder().decode(bytes)
  return decodeUtf8(bytes) ?? decodeBytes(bytes)
}
