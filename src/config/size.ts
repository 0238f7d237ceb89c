const UNITS: readonly (readonly [string, number])[] = [
  ['GiB', 2 ** 30],
  ['GB', 1e9],
  ['MiB', 2 ** 20],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
  ['kB', 1e3],
  ['B', 1],
]
const SIZE = /^(\d{1,10})([A-Za-z]{1,3})$/

/** `64MiB`, `500kB`, `4096B` → bytes; undefined for anything else. Whole numbers only. */
export const parseSize = (text: string): number | undefined => {
  const [, count, unit] = SIZE.exec(text) ?? []
  const [, bytes] = UNITS.find(([name]) => name === unit) ?? []
  return bytes === undefined ? undefined : Number(count) * bytes
}

/** The shortest text that `parseSize` reads back. Takes a whole number of bytes. */
export const formatSize = (size: number): string => {
  const exact = UNITS.filter(([, bytes]) => size % bytes === 0)
  const texts = exact.map(([unit, bytes]) => `${size / bytes}${unit}`)
  return texts.reduce((best, text) => (text.length < best.length ? text : best), `${size}B`)
}
