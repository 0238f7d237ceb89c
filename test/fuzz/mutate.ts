import type { Random } from '../../src/demo/trace-text.js'

/** What breaks readers: ends of lines, what separates and quotes, white space that is no space. */
const HOSTILE = [
  ...Array.from('\r\n\t\0 ";:=,<>\\$&-_.0129AazZ()[]{}%@/|\'!#?\u00a0\u0085\u00ff\u00ef'),
  '\r\n\r\n',
  '$$begin_record',
  '$$end_record',
  '<Event',
  ']]>',
  '-->',
  'HEP3',
  'Via: ',
  'CSeq: 4294967296 ',
  '99999999999999999999',
  '-1',
]
const LONGEST_REPEAT = 100_000

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const pick = <T>(random: Random, from: readonly T[]): T => {
  const one = from[below(random, from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

type Mutation = (text: string, random: Random, others: readonly string[]) => string

const replaced = (text: string, at: number, length: number, by: string): string =>
  text.slice(0, at) + by + text.slice(at + length)

/** Mostly short; now and then as long as a line can be. */
const lengthOf = (random: Random): number => {
  const share = random() ** 3
  return Math.floor(share * (random() < 0.002 ? LONGEST_REPEAT : 200))
}

const mutations: readonly Mutation[] = [
  function flipBit(text, random) {
    const at = below(random, text.length)
    const code = (text.charCodeAt(at) ^ (1 << below(random, 8))) & 0xff
    return replaced(text, at, 1, String.fromCharCode(code))
  },
  function insertHostile(text, random) {
    return replaced(text, below(random, text.length + 1), 0, pick(random, HOSTILE))
  },
  function overwrite(text, random) {
    const hostile = pick(random, HOSTILE)
    return replaced(text, below(random, text.length), hostile.length, hostile)
  },
  function cutEnd(text, random) {
    return text.slice(0, below(random, text.length + 1))
  },
  function cutOut(text, random) {
    return replaced(text, below(random, text.length), lengthOf(random), '')
  },
  function repeatPart(text, random) {
    const at = below(random, text.length)
    const part = text.slice(at, at + 1 + below(random, 100))
    return replaced(text, at, 0, part.repeat(1 + Math.floor(lengthOf(random) / part.length)))
  },
  function repeatHostile(text, random) {
    const hostile = pick(random, HOSTILE)
    const count = 1 + Math.floor(lengthOf(random) / hostile.length)
    return replaced(text, below(random, text.length + 1), 0, hostile.repeat(count))
  },
  function splice(text, random, others) {
    const other = pick(random, others)
    return text.slice(0, below(random, text.length)) + other.slice(below(random, other.length))
  },
  function lieAboutNumber(text, random) {
    const at = below(random, text.length)
    const digits = /\d+/.exec(text.slice(at))
    if (!digits) return text
    const number = pick(random, ['0', '-1', '65535', '65536', '4294967295', '1e9', '9'.repeat(40)])
    return replaced(text, at + digits.index, digits[0].length, number)
  },
]

/** One of the valid texts, with some changes. Each character is a byte. */
export const mutated = (random: Random, valid: readonly string[]): string => {
  let text = pick(random, valid)
  for (let left = 1 + below(random, 6); left > 0; left--) {
    text = pick(random, mutations)(text || '\0', random, valid)
  }
  return text
}
