import t from 'tap'
import { z } from 'zod'
import { causes } from '../../src/protocol/causes.js'
import { type PanelJson, panelsOf, readDashboards } from './queries.js'

const property = z.object({ id: z.string(), value: z.unknown() })
const override = z.object({
  matcher: z.object({ id: z.string(), options: z.string() }),
  properties: z.array(property),
})
const mapping = z.union([
  z.object({
    type: z.literal('special'),
    options: z.object({
      match: z.string(),
      result: z.object({ text: z.string(), color: z.string() }),
    }),
  }),
  z.object({ type: z.literal('value'), options: z.unknown() }),
])
const custom = z.object({ drawStyle: z.string().optional() })
const organize = z.object({ renameByName: z.record(z.string(), z.string()) })

/** Values of labels that colours go by, as exporters tell them; any other label may have any. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  cause: causes,
  outcome: ['answered', 'failed', 'abandoned'],
}

const panels = readDashboards().flatMap(one =>
  panelsOf(one).map(panel => ({ panel, name: `${one.file} / ${panel.title}` })),
)
const overridesOf = ({ fieldConfig }: PanelJson) =>
  (fieldConfig?.overrides ?? []).map(one => override.parse(one))

const legendsOf = (legend: string): string[] => {
  const [placeholder, label = ''] = /\{\{(\w+)\}\}/.exec(legend) ?? []
  if (placeholder === undefined) return [legend]
  return (VALUES[label] ?? ['x']).flatMap(value => legendsOf(legend.replace(placeholder, value)))
}

/** The titles of a table's columns. */
const columnsOf = ({ transformations = [] }: PanelJson): string[] =>
  transformations
    .filter(({ id }) => id === 'organize')
    .flatMap(({ options }) => Object.values(organize.parse(options).renameByName))

/** What Grafana calls the fields of a panel. */
const fieldsOf = (panel: PanelJson): string[] =>
  panel.type === 'table'
    ? columnsOf(panel)
    : (panel.targets ?? []).flatMap(({ legendFormat = '' }) => legendsOf(legendFormat))

/** Grafana's stringToJsRegex: without slashes, the pattern has to match all of it. */
const grafanaRegexp = (text: string): RegExp => {
  if (!text.startsWith('/')) return new RegExp(`^${text}$`)
  const [, pattern = '', flags = ''] = /^\/(.*?)\/(g?i?m?y?)$/.exec(text) ?? []
  return new RegExp(pattern, flags)
}

const isMeant = (panel: PanelJson, { id, options }: z.infer<typeof override>['matcher']) => {
  if (id === 'byName') return fieldsOf(panel).includes(options)
  if (id === 'byRegexp') return fieldsOf(panel).some(name => grafanaRegexp(options).test(name))
  if (id !== 'byFrameRefID') throw new Error(`who knows what ${id} matches?`)
  return (panel.targets ?? []).some(({ refId }) => refId === options)
}

void t.test('every override is of something that its panel shows', async t => {
  for (const { panel, name } of panels) {
    for (const { matcher, properties } of overridesOf(panel)) {
      t.ok(isMeant(panel, matcher), `${name}: ${matcher.id} ${matcher.options}`)
      for (const { id, value } of properties) {
        if (id === 'custom.fillBelowTo') t.ok(fieldsOf(panel).includes(String(value)), name)
      }
    }
  }
})

const ofNothing = (mappings: unknown) =>
  z
    .array(mapping)
    .parse(mappings ?? [])
    .filter(one => one.type === 'special')
    .map(({ options }) => options)

void t.test('no value has no colour: silence is neither good nor bad', async t => {
  const gauges = panels.filter(({ panel }) => ['stat', 'bargauge'].includes(panel.type))
  t.ok(gauges.length > 10)
  for (const { panel, name } of gauges) {
    const { mappings, noValue } = panel.fieldConfig?.defaults ?? {}
    const expected = [{ match: 'null+nan', result: { text: noValue, color: 'text' } }]
    t.match(ofNothing(mappings), expected, name)
    t.equal(ofNothing(mappings).length, 1, name)
  }
})

void t.test('a cell without a value is empty, whatever the panel says of none', async t => {
  const tables = panels.filter(({ panel }) => panel.type === 'table')
  t.ok(tables.length > 4)
  for (const { panel, name } of tables) {
    const properties = (column: string) =>
      overridesOf(panel)
        .filter(({ matcher }) => matcher.id === 'byName' && matcher.options === column)
        .flatMap(one => one.properties)
    for (const column of columnsOf(panel)) {
      const valueOf = (id: string) => properties(column).find(one => one.id === id)?.value
      t.equal(valueOf('noValue'), '–', `${name}: ${column}`)
      // Labels have no unit, and no colour either.
      if (valueOf('unit') === undefined) continue
      const expected = [{ match: 'null+nan', result: { text: '–', color: 'text' } }]
      t.match(ofNothing(valueOf('mappings')), expected, `${name}: ${column}`)
    }
  }
})

void t.test('a bar is as wide as what it counts, so that one event is not many', async t => {
  const bars = panels.filter(({ panel: { fieldConfig } }) => {
    const drawn = custom.safeParse(fieldConfig?.defaults['custom'])
    return drawn.data?.drawStyle === 'bars'
  })
  t.ok(bars.length > 4)
  for (const { panel, name } of bars) t.match(panel.interval, /^([2-9]|\d{2,})m$/, name)
})
