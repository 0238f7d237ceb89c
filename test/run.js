import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser } from 'tap-parser'
import { stringify } from 'yaml'
import { PEERS, providePeers } from './peers/debian.js'

const PROJECT = resolve(import.meta.dirname, '..')
const TAP = resolve(fileURLToPath(import.meta.resolve('tap')), '..', 'run.mjs')
/** How tap marks what has not one assertion: it calls that skipped, and a whole file is a mistake. */
const NO_TESTS = 'no tests found'
/** Of a failure, what says where and why; the rest repeats how the file was started. */
const TOLD = new Set(['diff', 'found', 'wanted', 'source', 'stack', 'exitCode', 'signal'])

/** @param {string} line */
const say = line => process.stdout.write(`${line}\n`)

/** @param {string} text @param {string} indent */
const indented = (text, indent) => text.trimEnd().replace(/^/gm, indent)

/** What a test says with `t.comment`, and not what tap itself says of it. */
const SAID = /^# (?!Subtest|time=|\{ total)(.*)/

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {Counts} counts */
const countsLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** @param {Record<string, any> | null} diag */
const diagnostics = diag => {
  const told = Object.entries(diag ?? {}).filter(([key, value]) => TOLD.has(key) && value)
  const at = diag?.at?.fileName ? [`    at ${diag.at.fileName}:${diag.at.lineNumber}`] : []
  return told.length > 0 ? [...at, indented(stringify(Object.fromEntries(told)), '    ')] : at
}

/**
 * Counts a result; the lines tell of it unless it passed.
 *
 * @param {Counts} counts
 * @param {import('tap-parser').Result} result
 */
const settle = (counts, { ok, skip, todo, fullname, diag }) => {
  if (!ok && !todo) {
    counts.failed++
    return [`  failed: ${fullname}`, ...diagnostics(diag)]
  }
  if (!skip && !todo) {
    counts.passed++
    return []
  }
  counts.skipped++
  const why = [skip, todo].find(reason => typeof reason === 'string')
  return [`  skipped: ${fullname}${why === undefined ? '' : `: ${why}`}`]
}

/** @param {Counts} now @param {Counts} before @returns {Counts} */
const since = (now, before) => ({
  passed: now.passed - before.passed,
  failed: now.failed - before.failed,
  skipped: now.skipped - before.skipped,
})

/**
 * tap-parser's `result` is each assertion, and a subtest only where it failed although everything
 * in it passed; its `assert` at the top is a file. A file fails too when it ends with an exit code,
 * or has no test.
 *
 * @param {Counts} counts
 */
const reader = counts => {
  const parser = new Parser()
  let before = { ...counts }
  let lines = []
  parser.on('result', result => {
    const isFile = result.closingTestPoint && result.fullname === result.name
    if (!isFile) lines.push(...settle(counts, result))
  })
  parser.on('extra', text => lines.push(indented(text, '  | ')))
  /** @param {import('tap-parser').Parser} child */
  const listen = child => {
    child.on('child', listen)
    child.on('comment', text => {
      const [, said] = SAID.exec(text.trim()) ?? []
      if (said) lines.push(`  ${said}`)
    })
  }
  parser.on('child', listen)
  parser.on('bailout', reason => {
    counts.failed++
    say(`  failed: bailed out: ${reason}`)
  })
  parser.on('assert', file => {
    if (!file.closingTestPoint) return
    const crashed = !file.ok && counts.failed === before.failed
    if (crashed || file.skip === NO_TESTS) {
      counts.failed++
      lines.push(`  failed: ${file.skip || 'the file itself'}`, ...diagnostics(file.diag))
    }
    const seconds = ((file.time ?? 0) / 1000).toFixed(1)
    say([`${file.name}: ${countsLine(since(counts, before))} (${seconds} s)`, ...lines].join('\n'))
    before = { ...counts }
    lines = []
  })
  parser.on('complete', () => lines.forEach(say))
  return parser
}

/** @param {string[]} args files, or options of tap; all tests without any */
const runTap = async args => {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const parser = reader(counts)
  const tap = spawn(process.execPath, [TAP, '--reporter=tap', ...args], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  tap.stdout.pipe(parser)
  const [code, signal] = await once(tap, 'close')
  if (code !== 0 && counts.failed === 0) {
    counts.failed++
    say(`  failed: tap itself ended with ${code ?? signal}`)
  }
  if (counts.passed + counts.failed === 0) say('No test ran.')
  say(countsLine(counts))
  return code || (counts.failed > 0 || counts.passed === 0 ? 1 : 0)
}

const { missing } = providePeers(Object.keys(PEERS), { log: line => say(`peers: ${line}`) })
for (const reason of new Set(missing.map(peer => peer.reason))) {
  const names = missing.filter(peer => peer.reason === reason).map(peer => peer.name)
  say(`peers: missing ${names.join(', ')}: ${reason}`)
}
process.exitCode = await runTap(process.argv.slice(2))
