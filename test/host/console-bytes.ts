/** What a Windows console, or a redirected tool, may write; the code pages are OEM's of Western Europe and Japan. */
export const consoleEncodings = [
  'utf16le',
  'utf16le with a mark',
  'utf8',
  'utf8 with a mark',
  'cp850',
  'cp932',
] as const
export type ConsoleEncoding = (typeof consoleEncodings)[number]

/** Bytes of a console's text; throws for a character that the code page lacks. */
export const consoleBytes = (text: string, encoding: ConsoleEncoding): Buffer => {
  switch (encoding) {
    case 'utf16le':
      return Buffer.from(text, 'utf16le')
    case 'utf16le with a mark':
      return Buffer.from(`\uFEFF${text}`, 'utf16le')
    case 'utf8':
      return Buffer.from(text)
    case 'utf8 with a mark':
      return Buffer.from(`\uFEFF${text}`)
    case 'cp850':
      return inCodePage(text, CP850)
    case 'cp932':
      return inCodePage(text, cp932())
  }
}

/** Whether the code page has all of its characters. */
export const canEncode = (text: string, encoding: ConsoleEncoding): boolean => {
  if (encoding !== 'cp850' && encoding !== 'cp932') return true
  const page = encoding === 'cp850' ? CP850 : cp932()
  return Array.from(text).every(character => isAscii(character) || page.has(character))
}

type CodePage = ReadonlyMap<string, readonly number[]>

const isAscii = (character: string): boolean => character < '\x80'

const inCodePage = (text: string, page: CodePage): Buffer =>
  Buffer.from(
    Array.from(text).flatMap(character => {
      if (isAscii(character)) return [character.charCodeAt(0)]
      const bytes = page.get(character)
      if (!bytes) throw new Error(`the code page has no ${JSON.stringify(character)}`)
      return bytes
    }),
  )

/** 0x80 to 0xFF, from unicode.org's CP850.TXT. */
const CP850: CodePage = new Map(
  Array.from(
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐' +
      '└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0',
    (character, i) => [character, [0x80 + i]],
  ),
)

/** Read off a decoder; the first of two codes for one character. */
const cp932 = (): CodePage => {
  japanese ??= new Map(decodable().toReversed())
  return japanese
}
let japanese: CodePage | undefined

const decodable = (): [string, number[]][] => {
  const decoder = new TextDecoder('shift_jis')
  const leads = [...range(0x81, 0x9f), ...range(0xe0, 0xfc)]
  const codes = [
    ...range(0xa1, 0xdf).map(byte => [byte]),
    ...leads.flatMap(lead => range(0x40, 0xfc).map(trail => [lead, trail])),
  ]
  return codes.flatMap(bytes => {
    const text = decoder.decode(Uint8Array.from(bytes))
    return Array.from(text).length === 1 && text !== '\uFFFD' ? [[text, bytes]] : []
  })
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)
