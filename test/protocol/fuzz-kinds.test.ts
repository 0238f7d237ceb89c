import t from 'tap'
import { fuzz } from '../fuzz/fuzz.js'
import { kinds } from '../fuzz/kinds.js'

/** `npm run fuzz` takes a million. */
const INPUTS = 3000
const SEED = 20_261_122

for (const name of Object.keys(kinds)) {
  void t.test(
    `whatever is done to ${name} input, reading it ends in time and makes sense`,
    async t => {
      t.equal(fuzz(name, INPUTS, SEED).inputs, INPUTS)
    },
  )
}
