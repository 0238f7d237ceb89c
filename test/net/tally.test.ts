import { test } from 'tap'
import { Tally } from '../../src/net/tally.js'

void test('reasons that can come are there from the start, at 0', async t => {
  t.strictSame(new Tally(['timeout', 'refused']).counts(), { timeout: 0, refused: 0 })
})

void test('each reason is counted for itself, one that was not expected too', async t => {
  const tally = new Tally<string>(['timeout', 'refused'])
  for (const reason of ['refused', 'dns', 'refused']) tally.count(reason)
  t.strictSame(tally.counts(), { timeout: 0, refused: 2, dns: 1 })
})

void test('counts that were told do not change afterwards', async t => {
  const tally = new Tally(['timeout'])
  const before = tally.counts()
  tally.count('timeout')
  t.strictSame(before, { timeout: 0 })
  t.strictSame(tally.counts(), { timeout: 1 })
})
