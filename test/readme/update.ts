import { writeFileSync } from 'node:fs'
import { README, readme, renewed } from './tables.js'

/** `npm run readme`: makes the README's tables anew from the code. */
writeFileSync(README, renewed(readme()))
