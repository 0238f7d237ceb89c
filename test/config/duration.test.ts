import * as fc from 'fast-check'
import { test } from 'tap'
import { formatDuration, parseDuration } from '../../src/config/duration.js'
import { durationNs, milliseconds } from '../../src/time/units.js'

void test('a duration is whole numbers with units, the largest first', async t => {
  const cases = {
    '250ms': 250,
    '15s': 15_000,
    '2m': 120_000,
    '1h': 3_600_000,
    '1d': 86_400_000,
    '1w': 604_800_000,
    '1m30s': 90_000,
    '1h1ms': 3_600_001,
    '0s': 0,
    '90s': 90_000,
    '007s': 7000,
  }
  for (const [text, ms] of Object.entries(cases))
    t.equal(parseDuration(text), milliseconds(ms), text)
})

void test('anything else is no duration', async t => {
  const bad = ['', '15', '0', '1.5s', '-1s', '1s1m', '1s1s', '15 s', ' 15s', '15S', 's', '1y', '١s']
  for (const text of [...bad, `${'9'.repeat(40)}s`]) t.equal(parseDuration(text), undefined, text)
})

void test('a duration is written in the shortest way', async t => {
  t.equal(formatDuration(milliseconds(90_000)), '1m30s')
  t.equal(formatDuration(milliseconds(16_000)), '16s')
  t.equal(formatDuration(milliseconds(86_400_000 * 8)), '8d')
  t.equal(formatDuration(milliseconds(1500)), '1s500ms')
  t.equal(formatDuration(milliseconds(0)), '0s')
})

void test('what is written is read back', async () => {
  fc.assert(
    fc.property(fc.nat(4e12), ms => {
      const duration = durationNs(BigInt(ms) * 1_000_000n)
      return parseDuration(formatDuration(duration)) === duration
    }),
  )
})
