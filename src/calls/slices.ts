import type { TextReader } from '../protocol/text-reader.js'
import { decode, widthOf } from './follow/encoding.js'
import type { Encoding } from './follow/position.js'

/**
 * V8 keeps strings of less than 128 KiB where garbage is cheap, and that the processor has them in its cache
 * is worth even more.
 */
const SLICE_BYTES = 64 * 1024

/**
 * Has bytes[begin, end) read in slices; gives where the reader is done. A slice grows while the reader waits
 * for more of a record. `full`: more follows behind `end`; only where a slice is all of it is that said.
 * @throws Error for a reader that breaks its contract
 */
export const readInSlices = (
  reader: TextReader,
  encoding: Encoding,
  bytes: Buffer,
  [begin, end]: readonly [number, number],
  full: boolean,
): number => {
  let at = begin
  let size = SLICE_BYTES
  for (let stop = begin; stop < end;) {
    stop = Math.min(at + size, end)
    const text = decode(encoding, bytes, at, stop)
    if (text.length === 0) break
    const more = full && at === begin && stop === end
    const done = reader.read(text, more)
    if (!Number.isInteger(done) || done < (more ? 1 : 0) || done > text.length) {
      throw new Error(`a text reader was done with ${done} of ${text.length} characters`)
    }
    at += done * widthOf(encoding)
    size = done > 0 ? SLICE_BYTES : 2 * size
  }
  return at
}
