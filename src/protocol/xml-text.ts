const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const LARGEST = 0x10_ffff

/** XML text with its entities resolved: the five named ones and numbers. Others stay as they are. */
export const decodedXml = (text: string): string =>
  text.includes('&')
    ? text.replaceAll(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/gi, entity)
    : text

const entity = (whole: string, name: string): string => {
  if (!name.startsWith('#')) return NAMED.get(name) ?? whole
  const hexadecimal = name[1] === 'x' || name[1] === 'X'
  const code = Number.parseInt(name.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10)
  return isCharacter(code) ? String.fromCodePoint(code) : whole
}

/** XML 1.0 §2.2. */
const isCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x1_0000 && code <= LARGEST)

export const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x9 || code === 0xa || code === 0xd

const SLASH = 0x2f
const GREATER = 0x3e

/** True of what can follow a tag's name or an attribute. */
export const endsName = (code: number): boolean =>
  isSpace(code) || code === SLASH || code === GREATER

/** A part of a name, or any byte of one in UTF-8 (XML 1.0 §2.3, roughly). */
export const isNamePart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2d && code <= 0x2e) ||
  (code >= 0x30 && code <= 0x3a) ||
  code === 0x5f ||
  code >= 0x80
