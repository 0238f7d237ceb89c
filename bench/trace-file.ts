import { open } from 'node:fs/promises'
import {
  type Block,
  KINDS,
  type Kind,
  MS_PER_MINUTE,
  START_MS,
  TAG,
  composeBlock,
} from './trace-block.js'

/**
 * Writes a trace of any size: a block of some megabytes is composed once, and each copy of it is
 * patched with a minute, Call-IDs, branches and sequence numbers of its own.
 */
export interface TraceFileTruth {
  readonly bytes: number
  readonly records: number
  readonly calls: number
  readonly umCalls: { readonly answered: number; readonly failed: number }
  /** `code|diagnostic|cause` → calls. */
  readonly umFailures: ReadonlyMap<string, number>
  /** `edge02|code|diagnostic|cause` → requests. */
  readonly sipFailures: ReadonlyMap<string, number>
}

const patch = (bytes: Buffer, places: Uint32Array, text: string): void => {
  const codes = Buffer.from(text, 'latin1')
  for (const place of places) {
    for (let i = 0; i < codes.length; i++) bytes[place + i] = codes[i]!
  }
}

const minuteText = (index: number): string => {
  const iso = new Date(START_MS + index * MS_PER_MINUTE).toISOString()
  return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}-${iso.slice(11, 16)}`
}

const hex = (value: number, digits: number): string =>
  value.toString(16).padStart(digits, '0').slice(-digits)

/** A file of at least `bytes`, whole records only, and what has to be counted in it. */
export const writeTraceFile = async (
  path: string,
  { bytes, seed = 1 }: { readonly bytes: number; readonly seed?: number },
): Promise<TraceFileTruth> => {
  const block = composeBlock(seed)
  const blocks = Math.ceil(bytes / block.bytes.length)
  const file = await open(path, 'w')
  try {
    for (let index = 0; index < blocks; index++) {
      patch(block.bytes, block.minutes, minuteText(index))
      patch(block.bytes, block.tags, hex(index, TAG.length))
      patch(block.bytes, block.sequences, hex(index, 4).toUpperCase())
      await file.writeFile(block.bytes)
    }
  } finally {
    await file.close()
  }
  return truthOf(block, blocks)
}

const truthOf = (block: Block, blocks: number): TraceFileTruth => {
  const sum = (kinds: readonly Kind[]): number =>
    blocks * kinds.reduce((total, { share }) => total + share, 0)
  const failing = KINDS.flatMap(({ share, um, fails }) => (fails ? [{ share, um, ...fails }] : []))
  return {
    bytes: blocks * block.bytes.length,
    records: blocks * block.records,
    calls: sum(KINDS),
    umCalls: {
      answered: sum(KINDS.filter(({ um, fails }) => um && !fails)),
      failed: sum(KINDS.filter(({ um, fails }) => um && fails)),
    },
    umFailures: new Map(
      failing.filter(({ um }) => um).map(({ key, share }) => [key, blocks * share]),
    ),
    sipFailures: new Map(failing.map(({ key, share }) => [`edge02|${key}`, blocks * share])),
  }
}
