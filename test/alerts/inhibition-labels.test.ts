import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { firingCases } from './firing-cases.js'
import type { Labels } from './world.js'

const file = new URL('../../alerts/alertmanager.yml', import.meta.url)

const rules = z.object({
  inhibit_rules: z.array(
    z.object({
      source_matchers: z.array(z.string()),
      target_matchers: z.array(z.string()),
      equal: z.array(z.string()),
    }),
  ),
})

/** Every alert as promtool has seen it fire: firing.test.ts compares all of its labels. */
const fired: readonly Labels[] = firingCases.flatMap(({ alert, fires }) =>
  fires.flatMap(([, list]) => list.map(({ labels }) => ({ ...labels, alertname: alert }))),
)

const isMatched = (labels: Labels, matchers: readonly string[]): boolean =>
  matchers.every(matcher => {
    const [, label = '', operator, value = ''] = /^(\w+)\s*(=~|=)\s*"(.*)"$/.exec(matcher) ?? []
    if (operator === undefined) throw new Error(`a matcher that this test cannot read: ${matcher}`)
    const actual = labels[label] ?? ''
    return operator === '=' ? actual === value : new RegExp(`^(?:${value})$`).test(actual)
  })

// Alertmanager holds an alert back as well where both lack a label of `equal`.
void t.test('alerts that hold each other back have the labels by which they do', async t => {
  const { inhibit_rules: inhibitions } = rules.parse(parse(await readFile(file, 'utf8')))
  t.ok(inhibitions.length > 0)
  for (const { source_matchers, target_matchers, equal } of inhibitions) {
    for (const matchers of [source_matchers, target_matchers]) {
      const concerned = fired.filter(labels => isMatched(labels, matchers))
      t.ok(concerned.length > 0, `an alert matches ${matchers.join(', ')}`)
      for (const labels of concerned) {
        for (const label of equal) t.ok(labels[label], `${labels['alertname']} has ${label}`)
      }
    }
  }
})

void t.test('what is doubtful without a reference names the exporter that lost it', async t => {
  const doubtful = fired.filter(({ basis }) => basis === 'reference')
  t.ok(doubtful.length > 0)
  for (const { alertname, job, instance } of doubtful) t.ok(job && instance, String(alertname))
})
