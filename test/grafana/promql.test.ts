import t from 'tap'
import { parsePromql } from './promql.js'

void t.test('a query is taken apart into its selectors and its grouping', async t => {
  const { ok, selectors, grouping } = parsePromql(
    'max by (pool) (rate(a_total{job="x", pool!=""}[5m])) - on (job) group_left (z) {__name__=~"b|c"}',
  )
  t.ok(ok)
  t.same(grouping, ['pool', 'job', 'z'])
  t.match(selectors, [
    { metric: 'a_total', labels: ['job', 'pool'], range: '5m', functionName: 'rate' },
    { metric: undefined, namePattern: 'b|c', labels: [], range: undefined },
  ])
  t.match(parsePromql('last_over_time(a{b="c"}[5m] offset 6h)').selectors, [
    { metric: 'a', range: '5m', offset: '6h', functionName: 'last_over_time' },
  ])
})

void t.test('what is no PromQL is found', async t => {
  for (const bad of ['', 'sum(a', 'a{b=}', 'rate(a[5m]', 'a +', 'sum by (a b) (c)']) {
    t.notOk(parsePromql(bad).ok, bad)
  }
})
