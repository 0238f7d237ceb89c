import t from 'tap'
import { alerts } from '../../alerts/source/table.js'
import { skipUnless } from '../peers/peer.js'
import { firingCases } from './firing-cases.js'
import { healthy } from './healthy.js'
import { problemsOf } from './promtool-test.js'
import { changed } from './world.js'

for (const { alert, what, changes, fires, quiet } of firingCases) {
  void t.test(`${alert} fires for ${what}`, async t => {
    if (skipUnless(t, 'promtool')) return
    const tests = [
      ...fires.map(([atSeconds, expected]) => ({ alert, atSeconds, alerts: expected })),
      ...quiet.map(atSeconds => ({ alert, atSeconds, alerts: [] })),
    ]
    t.equal(await problemsOf(t, { world: changed(healthy, changes), alerts: tests }), '')
  })
}

void t.test('there is a case for each alert, and one of each sign where it has one', async t => {
  const tested = firingCases.filter(({ fires }) => fires.some(([, list]) => list.length > 0))
  t.strictSame(
    [...new Set(tested.map(({ alert }) => alert))].sort(),
    alerts.map(({ name }) => name).sort(),
  )
  for (const { name, description } of alerts) {
    if (!description.includes('behind{{ else }}ahead')) continue
    const texts = tested.filter(({ alert }) => alert === name).flatMap(({ fires }) => fires)
    const said = JSON.stringify(texts)
    t.ok(/ behind\b/.test(said) && / ahead\b/.test(said), name)
  }
})
