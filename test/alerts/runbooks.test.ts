import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import t from 'tap'
import { parse } from 'yaml'
import { recordings } from '../../alerts/source/recording.js'
import { demoFlags } from '../../src/commands/demo.js'
import { doctorFlags } from '../../src/commands/doctor.js'
import { explainFlags } from '../../src/commands/explain.js'
import { type Flags, parseFlags } from '../../src/commands/options.js'
import { readFlags } from '../../src/commands/read.js'
import { serveFlags } from '../../src/commands/serve.js'
import { processMetrics } from '../../src/metrics/process.js'
import { metrics } from '../../src/metrics/table.js'
import { renderRunbook } from '../../src/web/runbook-html.js'
import { type Runbook, readRunbook, runbookNames, runbooks, section } from './runbook.js'

const all = runbooks()
const names = new Set(runbookNames())

void t.test('every alert has a runbook, and every runbook an alert', t => {
  const rules = new URL('../../alerts/rules/edgeclock.alerts.yml', import.meta.url)
  const { groups } = parse(readFileSync(rules, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[]
  }
  const alerts = groups.flatMap(group => group.rules.map(({ alert }) => alert))
  t.ok(alerts.length > 0)
  t.same([...names].sort(), [...new Set(alerts)].sort())
  t.end()
})

void t.test('a runbook has its name, a lead of one sentence, and its sections in order', t => {
  const sections = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']
  for (const { name, top, headings } of all) {
    const [title, ...others] = headings
    t.match(title, { depth: 1, text: name })
    const found = others.filter(({ depth }) => depth <= 2).map(({ text }) => text)
    t.same(found.slice(0, 4), sections, name)
    t.ok(found.length === 4 || (found.length === 5 && found[4] === 'Prevention'), name)
    const [first, lead] = top.filter(({ type }) => type !== 'space')
    t.equal(first?.type, 'heading')
    t.equal(lead?.type, 'paragraph', name)
    t.match(lead?.raw.trim(), /^[A-Za-z][^.?!]+\.$/, `${name}: one sentence`)
    t.ok((lead?.raw.length ?? 0) < 160, `${name}: short`)
  }
  t.end()
})

void t.test('no section is empty or unfinished, and a repair says how to see that it worked', t => {
  for (const runbook of all) {
    t.notMatch(runbook.text, /TODO|FIXME|TBD|XXX|lorem/i, runbook.name)
    for (const heading of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) {
      t.ok(section(runbook, heading).length > 80, `${runbook.name}: ${heading}`)
    }
    t.match(section(runbook, 'Diagnosis'), /bad|good/i, `${runbook.name}: good and bad`)
    t.match(section(runbook, 'Diagnosis'), /`/, `${runbook.name}: a command or a query`)
    t.match(section(runbook, 'Mitigation'), /worked when|See that it worked/, runbook.name)
  }
  t.end()
})

void t.test('no two runbooks have a paragraph in common: one of the two grows old', t => {
  const seen = new Map<string, string>()
  for (const { name, top } of all) {
    for (const { type, raw } of top) {
      if (type !== 'paragraph' || raw.length < 160) continue
      t.equal(seen.get(raw.trim()), undefined, `${name}: ${raw.slice(0, 60)}`)
      seen.set(raw.trim(), name)
    }
  }
  t.ok(seen.size > names.size)
  t.end()
})

void t.test('every relative link leads to a runbook, and to a heading that it has', t => {
  const anchors = new Map(
    all.map(({ name, text }) => {
      const ids = renderRunbook(text).html.matchAll(/<h\d id="([^"]+)"/g)
      return [name, new Set(Array.from(ids, ([, id]) => id))]
    }),
  )
  let relative = 0
  for (const { name, links } of all) {
    for (const link of links.filter(href => !/^https?:/.test(href))) {
      relative++
      const [, to = '', anchor] = /^([A-Za-z]+)\.md(?:#(.+))?$/.exec(link) ?? []
      t.ok(anchors.has(to), `${name}: ${link}`)
      if (anchor !== undefined) t.ok(anchors.get(to)?.has(anchor), `${name}: ${link}`)
    }
  }
  t.ok(relative > 30)
  t.end()
})

void t.test('every alert that is mentioned has a runbook', t => {
  for (const { name, text } of all) {
    const mentioned = [...text.matchAll(/\bEdgeclock[A-Z]\w*/g)].map(([alert]) => alert)
    t.same(
      mentioned.filter(alert => !names.has(alert)),
      [],
      name,
    )
  }
  t.end()
})

void t.test('the runbook of the exporter needs no exporter', t => {
  const runbook = all.find(({ name }) => name === 'EdgeclockExporterDown')
  t.same(runbook?.links, [])
  t.match(runbook?.text, 'EdgeclockExporterAbsent')
  t.end()
})

const commands: { readonly [name: string]: Flags } = {
  serve: serveFlags,
  read: readFlags,
  doctor: doctorFlags,
  explain: explainFlags,
  demo: demoFlags,
}
/** How many things that are no flags each command takes, at least and at most. */
const positionals: { readonly [name: string]: readonly [number, number] } = {
  serve: [0, 0],
  read: [1, 1],
  doctor: [0, 0],
  explain: [1, Infinity],
  demo: [0, 0],
}

const codeOf = ({ blocks, spans }: Runbook): readonly string[] => [
  ...blocks.flatMap(({ text }) => text.split('\n')),
  ...spans,
]

void t.test('every command of edgeclock that is given exists, with its flags', t => {
  let checked = 0
  for (const runbook of all) {
    for (const line of codeOf(runbook)) {
      const [, rest] =
        /(?:^|\bdo )edgeclock ((?:read|doctor|explain|demo|serve|-)[^;]*)/.exec(line) ?? []
      if (rest === undefined) continue
      checked++
      const words = rest.trim().split(/\s+/)
      const name = Object.hasOwn(commands, words[0] ?? '') ? (words.shift() ?? '') : 'serve'
      const parsed = parseFlags(words, commands[name] ?? {})
      t.ok(parsed.ok, `${runbook.name}: ${line}${parsed.ok ? '' : `: ${parsed.why}`}`)
      const given = parsed.ok ? parsed.value.positionals.length : 0
      const [least = 0, most = 0] = positionals[name] ?? []
      // `edgeclock doctor` is also spoken of, without what is to be typed after it.
      t.ok(words.length === 0 || (given >= least && given <= most), `${runbook.name}: ${line}`)
    }
  }
  t.ok(checked > 30)
  t.end()
})

void t.test('where a file is to be loaded, it is said what to do in Docker', t => {
  const reloading = all.filter(({ text }) => text.includes('/-/reload'))
  t.ok(reloading.length > 5)
  for (const { name, text } of reloading)
    t.match(text, '`docker compose restart edgeclock`', `${name}: a mounted file that was replaced`)
  t.end()
})

void t.test('where edgeclock is to be typed, it is said how in Docker', t => {
  for (const { name, text } of all) {
    if (!text.includes('Words in capitals stand for your own names. `edgeclock` is')) continue
    t.match(text, '`docker compose exec edgeclock node dist/cli.js`', name)
  }
  t.match(readRunbook('EdgeclockExporterDown').text, /`edgeclock-1`.*`edgeclock-2` on port 10430/)
  t.end()
})

void t.test('no count of calls is asked for by increase: it misses the first failure', t => {
  for (const { name, text } of all)
    t.notMatch(text, /(?:increase|rate)\(edgeclock_(?:um_call|sip_fail)/, name)
  t.end()
})

const processNames = processMetrics().map(metric => (metric as unknown as { name: string }).name)

/** What the shipped rules record, with its labels. */
const recorded = new Map(recordings.map(({ record, labels }) => [record, labels] as const))

const labelsOf = (metric: string): readonly string[] =>
  Object.hasOwn(metrics, metric)
    ? metrics[metric as keyof typeof metrics].labels
    : (recorded.get(metric) ?? [])

void t.test('every metric that is mentioned is exported, or recorded by a rule', t => {
  const known = new Set([...Object.keys(metrics), ...processNames, ...recorded.keys()])
  const mentioned = new Set<string>()
  for (const { name, text } of all) {
    for (const [metric] of text.matchAll(
      /\b(?:\w+:)?(?:edgeclock|probe|process|nodejs)_[a-z0-9_]+(?::\w+)?/g,
    )) {
      mentioned.add(metric)
      t.ok(known.has(metric), `${name}: ${metric}`)
    }
  }
  t.ok(mentioned.size > 30)
  t.end()
})

const hasErrors = (query: string): boolean => {
  let found = false
  parser.parse(query).iterate({ enter: ({ type }) => void (found ||= type.isError) })
  return found
}

/** Labels that Prometheus adds to whatever it scrapes. */
const SCRAPED = ['job', 'instance']

void t.test('every query can be parsed, and asks for labels that its metrics have', t => {
  let checked = 0
  for (const { name, blocks, spans } of all) {
    const inBlocks = blocks
      .filter(({ lang }) => lang === 'promql')
      .flatMap(({ text }) => text.split('\n'))
    for (const query of [
      ...inBlocks,
      ...spans.filter(span => /\bedgeclock_\w+|^up\{/.test(span)),
    ]) {
      checked++
      t.notOk(hasErrors(query), `${name}: ${query}`)
      const used = [...query.matchAll(/(\w+)\s*(?:=|=~|!=|!~)\s*"/g)].map(([, label = '']) => label)
      const by = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
      const has = [...query.matchAll(/\b(?:\w+:)?edgeclock_\w+(?::\w+)?/g)].flatMap(([metric]) =>
        labelsOf(metric),
      )
      const missing = [...used, ...by].filter(label => ![...SCRAPED, ...has].includes(label))
      t.same(missing, [], `${name}: ${query}`)
    }
  }
  t.ok(checked > 40)
  t.end()
})
