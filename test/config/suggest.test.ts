import { test } from 'tap'
import { didYouMean, nearest } from '../../src/config/suggest.js'

const KEYS = ['servers', 'interval', 'timeout', 'max_error']

void test('a slip of the fingers finds its word', async t => {
  const slips = {
    intervall: 'interval',
    inetrval: 'interval',
    Interval: 'interval',
    timout: 'timeout',
    server: 'servers',
    'max-error': 'max_error',
    maxerror: 'max_error',
  }
  for (const [slip, word] of Object.entries(slips)) t.equal(nearest(slip, KEYS), word, slip)
})

void test('the nearest of several is suggested', async t => {
  t.equal(nearest('ntp2', ['ntp1x', 'ntp22', 'ntp']), 'ntp22')
  t.equal(nearest('pools', ['polls', 'pool', 'pools']), 'pools')
})

void test('of two as near the one with the same first letter is suggested', async t => {
  for (const candidates of [
    ['ntp', 'http'],
    ['http', 'ntp'],
  ]) {
    t.equal(nearest('htp', candidates), 'http')
    t.equal(nearest('Htp', candidates), 'http')
  }
  t.equal(nearest('xtp', ['ntp', 'ftp']), 'ntp', 'else the first one')
})

void test('nothing is suggested where nothing is near', async t => {
  for (const word of ['', 'x', 'password', 'calls', 'i'.repeat(10_000)])
    t.equal(nearest(word, KEYS), undefined, word)
  t.equal(nearest('a', []), undefined)
  t.equal(didYouMean('calls', KEYS), '')
  t.equal(didYouMean('servrs', KEYS), '; did you mean servers?')
})
