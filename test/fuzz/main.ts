import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.js'
import { kinds } from './kinds.js'

/** `npm run fuzz -- [kind…] [--count=N] [--seed=S]`: N inputs of each kind, a million of all by default. */
const DEFAULT_COUNT = 150_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string' } },
})
const count = Number(values.count ?? DEFAULT_COUNT)
const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const names = positionals.length > 0 ? positionals : Object.keys(kinds)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const unknown = names.find(name => !Object.hasOwn(kinds, name))
if (unknown !== undefined || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
  say(`npm run fuzz -- [kind…] [--count=N] [--seed=S], of: ${Object.keys(kinds).join(', ')}`)
  process.exit(2)
}
say(`seed ${seed}, ${count} inputs of each kind`)
for (const name of names) {
  const started = performance.now()
  try {
    const { characters, slowestMs, slowestSeed, grownBytes } = fuzz(name, count, seed)
    const seconds = (performance.now() - started) / 1000
    say(
      `${name}: ${count} inputs, ${Math.round(characters / 1e6)} MB in ${seconds.toFixed(1)} s; ` +
        `the slowest took ${slowestMs.toFixed(1)} ms (--seed=${slowestSeed}), ` +
        `grown by ${Math.round(grownBytes / 1024)} KiB`,
    )
  } catch (error) {
    say(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
