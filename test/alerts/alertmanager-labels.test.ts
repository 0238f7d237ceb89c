import { test } from 'tap'
import { z } from 'zod'
import { readShippedConfig } from '../peers/alertmanager.js'
import { firingCases } from './firing-cases.js'

type Labels = Readonly<Record<string, string>>

const rules = z.array(
  z.object({
    source_matchers: z.array(z.string()),
    target_matchers: z.array(z.string()),
    equal: z.array(z.string()),
  }),
)

/** `name="value"` or `name=~"one|other"`: more the shipped file does not use. */
const fits = (labels: Labels, matcher: string): boolean => {
  const [, name = '', operator, value = ''] = /^(\w+)(=~?)"(.*)"$/.exec(matcher) ?? []
  if (operator === undefined) throw new Error(`not a matcher: ${matcher}`)
  const has = labels[name] ?? ''
  return operator === '=' ? has === value : value.split('|').includes(has)
}

/** All that fires in the cases of the rules' own tests, which promtool compares in full. */
const fired = firingCases.flatMap(({ alert, fires }) =>
  fires.flatMap(([, alerts]) => alerts.map(({ labels }) => ({ ...labels, alertname: alert }))),
)

void test('whatever an inhibition compares, its sources and targets have', async t => {
  const { inhibit_rules: shipped } = await readShippedConfig()
  for (const { source_matchers, target_matchers, equal } of rules.parse(shipped)) {
    for (const matchers of [source_matchers, target_matchers]) {
      const concerned = fired.filter(labels => matchers.every(one => fits(labels, one)))
      t.ok(concerned.length > 0, `some fire: ${matchers.join()}`)
      const lacking = concerned.filter((labels: Labels) => equal.some(name => !labels[name]))
      t.same(lacking, [], `each has ${equal.join()}`)
    }
  }
})

void test('every alert that an inhibition names fires in one of the cases', async t => {
  const { inhibit_rules: shipped } = await readShippedConfig()
  const names = new Set(fired.map(({ alertname }) => alertname))
  const unseen = (JSON.stringify(shipped).match(/Edgeclock\w+/g) ?? []).filter(
    name => !names.has(name),
  )
  t.same([...new Set(unseen)], [])
})
