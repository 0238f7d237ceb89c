import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PEERS, providePeers } from '../test/peers/debian.js'

/** `npm run bench -- NAME`: runs bench/NAME.bench.ts, with the Debian programs that it compares with. */
const [name = '', ...args] = process.argv.slice(2)
const file = fileURLToPath(new URL(`${name}.bench.ts`, import.meta.url))
if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(new URL('.', import.meta.url)).flatMap(
    entry => /^(.*)\.bench\.ts$/.exec(entry)?.[1] ?? [],
  )
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}\n`)
  process.exit(2)
}
providePeers(Object.keys(PEERS), { log: line => process.stdout.write(`${line}\n`) })
const loader = import.meta.resolve('@tapjs/typescript/import')
const { status } = spawnSync(process.execPath, ['--import', loader, file, ...args], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
