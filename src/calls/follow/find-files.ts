import type { BigIntStats } from 'node:fs'
import { opendir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { glob } from 'tinyglobby'
import { isSystemError, isGone } from './system-error.js'

/** More names than this are not looked at, in a pattern or in a folder. */
export const MAX_LISTED = 20_000
/** System calls at once: libuv has four threads. */
const AT_ONCE = 16

/** A file as a look finds it. */
export interface Seen {
  readonly path: string
  /** Device and inode, `dev:ino`. */
  readonly id: string
  readonly size: number
  readonly modified: bigint
  /** Changes when the file is written, as far as its time stamps are fine enough to show it. */
  readonly stamp: string
}

export interface Look {
  readonly found: readonly Seen[]
  /** What kept us from seeing all, for people. */
  readonly problem: string | undefined
  /** Whether what is not in `found` is truly not there. */
  readonly complete: boolean
}

export interface Pattern {
  /** The pattern taken for a path. */
  readonly path: string
  /** The folder that it begins with, before anything variable. */
  readonly base: string
  /** What follows; undefined for a mere path. */
  readonly glob: string | undefined
  /** Files that are none of the pattern's, whatever they are called. */
  readonly isOurs?: (path: string) => boolean
}

// Not tinyglobby's isDynamicPattern: parentheses alone are common in the names of Windows folders.
const VARIABLE = /[*?]|\[[^\]]+\]|\{[^}]*(?:,|\.\.)[^}]*\}|[@!+]\(/

/** Windows paths have backslashes, which mean an escape to a glob. */
export const parsePattern = (pattern: string, windows = process.platform === 'win32'): Pattern => {
  const path = windows ? pattern.replaceAll('\\', '/') : pattern
  const parts = path.split('/')
  const fixed = parts.slice(0, -1).findIndex(part => VARIABLE.test(part))
  const cut = fixed === -1 ? parts.length - 1 : fixed
  const base = parts.slice(0, cut).join('/')
  const rest = parts.slice(cut).join('/')
  return {
    path,
    // `/x` begins with the root, `C:/x` with that of its drive, `x` with the current folder.
    base: cut === 0 ? '.' : base === '' || /^[A-Za-z]:$/.test(base) ? `${base}/` : base,
    glob: VARIABLE.test(rest) ? rest : undefined,
  }
}

export const seenOf = (path: string, stats: BigIntStats): Seen => ({
  path,
  id: `${stats.dev}:${stats.ino}`,
  size: Number(stats.size),
  modified: stats.mtimeNs,
  stamp: `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`,
})

/** Runs `work` on each, a few at once. */
export const forEachOf = async <T>(items: readonly T[], work: (item: T) => Promise<void>) => {
  for (let i = 0; i < items.length; i += AT_ONCE) {
    await Promise.all(items.slice(i, i + AT_ONCE).map(work))
  }
}

const seeAll = async (paths: readonly string[]): Promise<Look> => {
  const found = new Map<string, Seen>()
  let problem: string | undefined
  await forEachOf(paths.slice(0, MAX_LISTED), async path => {
    try {
      const stats = await stat(path, { bigint: true })
      // A second link to the same file is the same file.
      if (stats.isFile()) found.set(`${stats.dev}:${stats.ino}`, seenOf(path, stats))
    } catch (error) {
      if (!isSystemError(error)) throw error
      if (!isGone(error)) problem ??= error.message
    }
  })
  return { found: [...found.values()], problem, complete: problem === undefined }
}

const seePlain = async (path: string): Promise<Look> => {
  try {
    const stats = await stat(path, { bigint: true })
    if (stats.isFile()) return { found: [seenOf(path, stats)], problem: undefined, complete: true }
    return { found: [], problem: `${path} is no file`, complete: true }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { found: [], problem: error.message, complete: isGone(error) }
  }
}

/** tinyglobby keeps silent about a folder that it may not read. */
const whyUnreadable = async (folder: string): Promise<string | undefined> => {
  try {
    const handle = await opendir(folder)
    try {
      await handle.read()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return error.message
  }
}

/** The files of a pattern as they are now. Never rejects for what they are like. */
export const findFiles = async (pattern: Pattern): Promise<Look> => {
  const { isOurs = () => false } = pattern
  const look = await matched(pattern)
  return { ...look, found: look.found.filter(one => !isOurs(one.path)) }
}

const matched = async ({ path, base, glob: rest }: Pattern): Promise<Look> => {
  const plain = await seePlain(path)
  // Where a file is called `trace[1].log`, that one is meant.
  if (rest === undefined || plain.found.length > 0) {
    const problem = plain.complete ? await whyUnreadable(dirname(path)) : plain.problem
    return { ...plain, complete: problem === undefined }
  }
  const problem = await whyUnreadable(base)
  if (problem !== undefined) return { found: [], problem, complete: false }
  const names = await glob(rest, {
    cwd: base,
    expandDirectories: false,
    caseSensitiveMatch: process.platform !== 'win32',
  })
  return seeAll(names.map(name => join(base, name)))
}

/** All files of a folder, whatever they are called. A folder that is gone has none. */
export const filesIn = async (folder: string): Promise<Look> => {
  try {
    const names = await readdir(folder)
    return await seeAll(names.map(name => join(folder, name)))
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { found: [], problem: error.message, complete: isGone(error) }
  }
}
