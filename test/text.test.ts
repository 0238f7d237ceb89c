import t from 'tap'
import { describeDuration, describeOffset } from '../src/text.js'

void t.test('a length of time is told in the units that a person would choose', async t => {
  for (const [seconds, text] of [
    [0, '0 µs'],
    [0.000045, '45 µs'],
    [0.0123, '12.3 ms'],
    [-0.5, '500 ms'],
    [90.5, '90.5 s'],
    [119.9996, '120 s'],
    [300, '5 min 0 s'],
    [21_600, '6 h 0 min 0 s'],
    [-21_600, '6 h 0 min 0 s'],
    [3 * 86_400 + 3661, '3 d 1 h 1 min 1 s'],
  ] as const) {
    t.equal(describeDuration(seconds), text)
  }
})

void t.test('an offset is told with its sign in words and its bound', async t => {
  t.equal(describeOffset({ offset: -21_600, error: 0.000045 }), '6 h 0 min 0 s behind (± 45 µs)')
  t.equal(describeOffset({ offset: 2, error: 0.5 }), '2 s ahead (± 500 ms)')
  t.equal(describeOffset({ offset: -0.4, error: 0.5 }), 'right (± 500 ms)')
})
