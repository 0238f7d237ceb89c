import t from 'tap'
import { alerts } from '../../alerts/source/table.js'
import { metrics } from '../../src/metrics/table.js'
import { skipUnless } from '../peers/peer.js'
import { healthy } from './healthy.js'
import { type QueryTest, problemsOf } from './promtool-test.js'
import type { Scenario } from './scenario.js'
import { scenarios } from './scenarios.js'
import { MINUTE, changed } from './world.js'

const firing = (matcher = ''): string =>
  `group by (alertname) (ALERTS{alertstate="firing"${matcher}})`

const queriesOf = ({ fires = [], mayFire = [], minutes = [0, 60] }: Scenario): QueryTest[] => {
  const about = [...fires, ...mayFire]
  const others = about.length === 0 ? '' : `, alertname!~"${about.join('|')}"`
  const [from, until] = minutes
  const each = Array.from({ length: until - from + 1 }, (_, i) => (from + i) * MINUTE)
  return [
    ...each.map(atSeconds => ({ query: firing(others), atSeconds, samples: [] })),
    {
      query: firing(),
      atSeconds: until * MINUTE,
      samples: fires.map(alertname => ({ labels: { alertname }, value: 1 })),
    },
  ]
}

for (const scenario of scenarios) {
  const { name, changes, fires = [] } = scenario
  const what = fires.length === 0 ? 'no alert fires' : `${fires.join(' and ')} alone fires`
  void t.test(`${what} while ${name}`, async t => {
    if (skipUnless(t, 'promtool')) return
    const world = changed(healthy, changes)
    const test = { world, queries: queriesOf(scenario), evaluationSeconds: 30 }
    t.equal(await problemsOf(t, test), '')
  })
}

void t.test('the healthy pool has every series that an alert looks at', async t => {
  const there = new Set<string>(healthy.map(({ metric }) => metric))
  // It is there after a first step only.
  there.add('edgeclock_clock_last_step_seconds')
  const named = alerts.flatMap(
    ({ expr }) => expr.match(/\b(edgeclock_[a-z_]+|up)\b(?=[[{])/g) ?? [],
  )
  t.ok(named.length > 0)
  t.strictSame(
    [...new Set(named)].filter(name => !there.has(name)),
    [],
  )
})

void t.test(
  'the series of the healthy pool have the labels that the exporter gives them',
  async t => {
    for (const { metric, labels } of healthy) {
      const own: readonly string[] = metric === 'up' ? [] : metrics[metric].labels
      t.strictSame(Object.keys(labels).sort(), ['job', 'instance', ...own].sort(), metric)
    }
  },
)
