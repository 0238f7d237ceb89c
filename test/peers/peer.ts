import type { Test } from 'tap'
import { findPeer, type Peer } from './debian.js'

/** What `skipUnless` needs of tap's `t`. */
export type Skippable = Pick<Test, 'pass' | 'fail'>

/** What becomes of a test: CI has to have every peer, a developer's machine does not. */
export const peerVerdict = (
  missing: readonly string[],
  ci: boolean,
): { verdict: 'run' } | { verdict: 'skip' | 'fail'; why: string } => {
  if (missing.length === 0) return { verdict: 'run' }
  const why = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: \`npm test\` says why`
  return { verdict: ci ? 'fail' : 'skip', why }
}

/**
 * `if (skipUnless(t, 'chronyd')) return`: true, and the test is marked as skipped (as failed where
 * CI=true), when one of the named peers is missing.
 */
export const skipUnless = (t: Skippable, ...names: string[]): boolean => {
  const missing = names.filter(name => findPeer(name) === undefined)
  const decided = peerVerdict(missing, process.env['CI'] === 'true')
  if (decided.verdict === 'run') return false
  if (decided.verdict === 'fail') t.fail(decided.why)
  else t.pass(decided.why, { skip: true })
  return true
}

/** A peer that the test cannot go on without: throws when it is missing. */
export const requirePeer = (name: string): Peer => {
  const peer = findPeer(name)
  if (peer === undefined)
    throw new Error(`${name} is missing: see what \`npm test\` says at its start`)
  return peer
}

/** Joins variables for one program: each part may bring folders of libraries of its own. */
export const joinEnv = (...parts: Record<string, string>[]): Record<string, string> => {
  const joined = Object.fromEntries(parts.flatMap(part => Object.entries(part)))
  const folders = parts.map(part => part['LD_LIBRARY_PATH']).filter(Boolean)
  return folders.length === 0 ? joined : { ...joined, LD_LIBRARY_PATH: folders.join(':') }
}
