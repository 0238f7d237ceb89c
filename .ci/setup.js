import { spawnSync } from 'node:child_process'
import { readdirSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * `npm run setup`: installs the packages and builds dist/, each only where it is missing or older than
 * what it is made from. The first run takes npm's time and the compiler's, a later one a moment.
 */
const PROJECT = resolve(import.meta.dirname, '..')

/** @param {string} path When it was last written, in ms; never, where it is missing. */
const written = path => statSync(join(PROJECT, path), { throwIfNoEntry: false })?.mtimeMs ?? -1

const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => /\.(ts|json)$/.test(name))
  .map(name => join('src', name))

const steps = [
  {
    made: 'node_modules/.package-lock.json',
    from: ['package.json', 'package-lock.json'],
    command: 'npm install --no-audit --no-fund --loglevel=error',
  },
  {
    made: 'dist/.tsbuildinfo',
    from: ['tsconfig.json', 'node_modules/.package-lock.json', ...sources],
    command: 'npm run --silent build',
  },
]

for (const { made, from, command } of steps) {
  if (from.every(source => written(source) < written(made))) continue
  const { status } = spawnSync(command, { cwd: PROJECT, stdio: 'inherit', shell: true })
  if (status !== 0) process.exit(status ?? 1)
  // Neither npm nor the compiler writes it anew where nothing changed.
  utimesSync(join(PROJECT, made), new Date(), new Date())
}
