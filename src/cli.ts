#!/usr/bin/env node
// Before anything else is imported, so that a signal during the start finds somebody at home: a
// supervisor that stops us then gets its 0, and a reload before there is anything to reload is no end.
const [, , first] = process.argv
if (first !== 'read') {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
  process.on('SIGHUP', () => undefined)
}

const { run } = await import('./commands/main.js')
// Ends what is still open: by now all that mattered is done.
process.exit(await run(process.argv.slice(2)))
