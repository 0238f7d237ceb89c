import * as fc from 'fast-check'
import t from 'tap'
import { MAX_SERIES, Series } from '../../src/calls/series.js'
import { holds } from '../time/holds.js'

const newSeries = (limit?: number) => new Series(([, last = '']) => ['other', last], limit)

void t.test('each set of labels has its own count', async t => {
  const series = newSeries()
  series.add(['a', 'b'])
  series.add(['a', 'b'], 2)
  series.add(['a', 'c'])
  series.add(['a|b', ''])
  t.same(series.samples(), [
    [['a', 'b'], 3],
    [['a', 'c'], 1],
    [['a|b', ''], 1],
  ])
  t.equal(series.size, 3)
})

void t.test('labels may be any text', async t => {
  holds(
    t,
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), labels => {
      const series = newSeries()
      series.add(labels)
      return JSON.stringify(series.samples()) === JSON.stringify([[labels, 1]])
    }),
  )
})

void t.test(
  'beyond the limit everything counts under the few overflow labels, and nothing is lost',
  async t => {
    const series = newSeries(10)
    for (let i = 0; i < 1000; i++) series.add([`s${i}`, i % 2 ? 'odd' : 'even'])
    series.add(['s0', 'even'])
    t.equal(series.size, 12)
    const counts = new Map(series.samples().map(([labels, value]) => [labels.join(), value]))
    t.equal(counts.get('s0,even'), 2, 'a series that is there goes on')
    t.equal(counts.get('other,odd'), 495)
    t.equal(
      [...counts.values()].reduce((a, b) => a + b),
      1001,
    )
  },
)

void t.test('samples that are added again are the same, also beyond the limit', async t => {
  const series = newSeries(5)
  for (let i = 0; i < 50; i++) series.add([`s${i}`, `${i % 3}`])
  const again = newSeries(5)
  for (const [labels, value] of series.samples()) again.add(labels, value)
  t.same(again.samples(), series.samples())
})

void t.test('the default limit holds', async t => {
  const series = newSeries()
  for (let i = 0; i < MAX_SERIES + 100; i++) series.add([`s${i}`, 'x'])
  t.equal(series.size, MAX_SERIES + 1)
})
