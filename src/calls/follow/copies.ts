import { elapsed, seconds } from '../../time/units.js'
import type { FollowedFile } from './followed-file.js'
import { ANCHOR_BYTES, HEAD_BYTES, START, beginsWith } from './position.js'
import type { Lost, Roster } from './roster.js'
import { isSystemError } from './system-error.js'

/*
 * Some rotate by copying a file and then truncating it. The copy may be seen while it grows, before
 * the original is truncated, and while the original still grows. So a copy is not read as long as its
 * original lives: whatever it holds is read there. When the original is truncated or goes, the copy
 * goes on from where the original was. Refused: starting it at the offset known when it is first
 * seen; what is written between that moment and the truncation would be read twice.
 */

/** An original that says nothing for so long, and is shorter, was left for its copy. */
const LEFT_AFTER = seconds(5)

type Kin = FollowedFile | Lost

const isLost = (kin: Kin): kin is Lost => 'was' in kin
const positionOf = (kin: Kin) => (isLost(kin) ? kin.was : kin.position)

const kinOf = (roster: Roster, file: FollowedFile, head: Uint8Array): Kin[] =>
  [...roster.files.values(), ...roster.lost]
    .filter(kin => kin !== file && positionOf(kin).offset > 0)
    .filter(kin => beginsWith(head, positionOf(kin).head))
    .sort((a, b) => positionOf(b).offset - positionOf(a).offset)

const isBeginningOf = async (roster: Roster, file: FollowedFile, of: FollowedFile) =>
  roster.sameBytes(file, of, Math.max(0, file.size - ANCHOR_BYTES), file.size)

const takeFrom = async (roster: Roster, file: FollowedFile, kin: Kin): Promise<boolean> => {
  const position = positionOf(kin)
  const short = file.size < position.offset
  if (isLost(kin)) {
    if (!(await roster.contains(file, position))) return false
    roster.lost = roster.lost.filter(other => other !== kin)
    file.take(position, roster.newReader(kin.was.reader))
    return true
  }
  const same = short
    ? position.head.bytes === HEAD_BYTES && (await isBeginningOf(roster, file, kin))
    : await roster.contains(file, position)
  if (!same) return false
  file.take(kin.position, roster.newReader(kin.reader.save()), short ? file.size : undefined)
  file.copyOf = kin.copyOf ?? kin
  return true
}

/** Before the first byte of a file is read: if it holds what another does, it takes its position. */
export const findOrigin = async (roster: Roster, file: FollowedFile): Promise<boolean> => {
  const head = Buffer.from(await roster.read(file, 0, HEAD_BYTES))
  for (const kin of kinOf(roster, file, head)) {
    try {
      // The original may have been truncated a moment ago: then it is lost, and found below.
      if (!isLost(kin)) await roster.verify(kin)
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }
  for (const kin of kinOf(roster, file, head)) {
    if (await takeFrom(roster, file, kin)) return true
  }
  return false
}

/** Looks whether a copy is still one. If not, it is followed for itself. */
export const watchCopy = async (
  roster: Roster,
  file: FollowedFile,
  original: FollowedFile,
): Promise<void> => {
  const grownBeyond = file.size > original.size
  if (!grownBeyond && file.comparedStamp === file.stamp) return
  if (!(await roster.verify(original))) return
  if (grownBeyond) {
    const quiet = elapsed(original.changedAt, roster.now())
    if (original.due || quiet < LEFT_AFTER) return
    await roster.inherit(file, original.save())
  } else {
    if (await isBeginningOf(roster, file, original)) {
      file.comparedStamp = file.stamp
      return
    }
    // How much of it the original had is not known: rather twice than never.
    if (file.short !== undefined) file.take(START, roster.newReader(undefined))
  }
  file.copyOf = undefined
  file.due = true
}
