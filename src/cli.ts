#!/usr/bin/env node
import { catchSignals } from './commands/signals.js'

// Before the rest is imported, which takes a while; a reading that is stopped has no exit code of ours.
if (!['read', 'doctor'].includes(process.argv[2] ?? '')) catchSignals()

const { run } = await import('./commands/main.js')
// Ends what is still open: by now all that mattered is done.
process.exit(await run(process.argv.slice(2)))
