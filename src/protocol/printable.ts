/** Line ends, escapes to terminals, text that runs backwards: whatever is not to be seen as it is. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Text that others sent, fit for one line of a page or a terminal: what cannot be shown is `\u{…}`. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, char => `\\u{${char.codePointAt(0)?.toString(16)}}`)
