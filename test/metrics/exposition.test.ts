import { Registry } from 'prom-client'
import t from 'tap'
import { exposition } from '../../src/metrics/exposition.js'
import type { MetricDefinition } from '../../src/metrics/definition.js'
import { metrics } from '../../src/metrics/table.js'

const text = Registry.PROMETHEUS_CONTENT_TYPE

void t.test('a metric without a value is left out, help and all', async t => {
  const page = await exposition(put => {
    put('edgeclock_reference_synchronized', {}, false)
    put('edgeclock_reference_error_seconds', {}, undefined)
  }, text).metrics()
  t.match(page, /^edgeclock_reference_synchronized 0$/m)
  t.notMatch(page, 'edgeclock_reference_error_seconds')
})

void t.test('a counter has the value that it is given, at each scrape anew', async t => {
  const labels = { pool: 'p', server: 's' }
  for (const steps of [3, 4]) {
    const page = await exposition(
      put => put('edgeclock_clock_steps_total', labels, steps),
      text,
    ).metrics()
    t.match(page, `edgeclock_clock_steps_total{pool="p",server="s"} ${steps}\n`)
  }
})

void t.test('label values are escaped', async t => {
  const page = await exposition(
    put => put('edgeclock_clock_consistent', { pool: 'a"b\\c\nd', server: 's' }, true),
    text,
  ).metrics()
  t.match(page, 'edgeclock_clock_consistent{pool="a\\"b\\\\c\\nd",server="s"} 1\n')
})

void t.test('the table keeps to the conventions', async t => {
  for (const [name, { type, help, labels }] of Object.entries<MetricDefinition>(metrics)) {
    t.match(name, /^(edgeclock|probe)_[a-z0-9_]+$/)
    t.equal(type === 'counter', name.endsWith('_total'), `${name} is a counter or has no _total`)
    t.match(help, /^[A-Z0-9].*\.$/, `${name}'s help is a sentence`)
    for (const label of labels) t.notOk(['type', 'service', 'zone'].includes(label), label)
    if (/offset_seconds$|last_step_seconds$/.test(name)) {
      t.match(help, /positive = .*ahead/, `${name} says its sign`)
    }
  }
})
