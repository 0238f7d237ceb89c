import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs'
import { join } from 'node:path'

/** Linux reads an interpreter's name from no more than this much of a script. */
const SCRIPT_HEAD_BYTES = 256
const INTERPRETER = /^#! ?(\S+)/

/** @param {string} folder */
const namesIn = folder => {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/**
 * The paths under `root` that are there. `*` stands for any part of one name; Node 20 has no glob.
 *
 * @param {string} root
 * @param {string} pattern
 */
export const glob = (root, pattern) => {
  let found = [root]
  for (const part of pattern.split('/')) {
    const name = new RegExp(`^${part.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
    found = found.flatMap(folder => {
      const fits = part.includes('*') ? namesIn(folder).filter(entry => name.test(entry)) : [part]
      return fits.map(entry => join(folder, entry))
    })
  }
  return found.filter(path => existsSync(path))
}

/** @param {string} path */
const headOf = path => {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(SCRIPT_HEAD_BYTES)
    return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * Whether this is a library, or a program that can be started: a script's interpreter must be here.
 *
 * @param {string} path
 */
export const canRun = path => {
  try {
    if (path.includes('.so')) return existsSync(path)
    accessSync(path, constants.X_OK)
    const interpreter = INTERPRETER.exec(headOf(path))?.[1]
    return interpreter === undefined || existsSync(interpreter)
  } catch {
    return false
  }
}
