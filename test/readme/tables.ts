import { readFileSync } from 'node:fs'
import { demoFlags } from '../../src/commands/demo.js'
import { doctorFlags } from '../../src/commands/doctor.js'
import { explainFlags } from '../../src/commands/explain.js'
import { type Flags, describeFlags } from '../../src/commands/options.js'
import { readFlags } from '../../src/commands/read.js'
import { serveFlags } from '../../src/commands/serve.js'
import { proberOptions } from '../../src/config/modules.js'
import { commonSourceOptions, sourceOptions } from '../../src/config/sources.js'
import { toolReasonWords } from '../../src/host/reading.js'
import type { MetricDefinition } from '../../src/metrics/definition.js'
import { metrics } from '../../src/metrics/table.js'
import { reasons } from '../../src/net/failure.js'
import { causes } from '../../src/protocol/causes.js'
import {
  type DiagnosticEntry,
  diagnosticsCatalogue,
} from '../../src/protocol/diagnostics-catalogue.js'
import { eventCatalogue } from '../../src/protocol/event-catalogue.js'

export const README = new URL('../../README.md', import.meta.url)

const row = (...cells: readonly string[]): string =>
  `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`

const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')

const metricsTable = (): string =>
  table(
    ['metric', 'type', 'labels', 'meaning'],
    Object.entries<MetricDefinition>(metrics).map(([name, { type, labels, help }]) =>
      row(`\`${name}\``, type, labels.join(', '), help),
    ),
  )

const modulesTable = (): string =>
  table(
    ['prober', 'option', 'meaning'],
    Object.entries(proberOptions).flatMap(([prober, options]) =>
      Object.entries(options).map(([option, { doc }]) =>
        row(`\`${prober}\``, `\`${option}\``, doc),
      ),
    ),
  )

const sourcesTable = (): string =>
  table(
    ['kind', 'option', 'meaning'],
    Object.entries({ 'each kind': commonSourceOptions, ...sourceOptions }).flatMap(
      ([kind, options]) =>
        Object.entries(options).map(([option, { doc }]) =>
          row(kind in sourceOptions ? `\`${kind}\`` : kind, `\`${option}\``, doc),
        ),
    ),
  )

/** Ids in a row that say the same are one line. */
const diagnosticsTable = (): string => {
  const runs: DiagnosticEntry[][] = []
  for (const one of diagnosticsCatalogue) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (last?.id === one.id - 1 && last.text === one.text) run?.push(one)
    else runs.push([one])
  }
  const ids = (run: readonly DiagnosticEntry[]): string =>
    [...new Set([run[0], run.at(-1)])].map(one => `${one?.id}`).join('–')
  return table(
    ['cause', 'ms-diagnostics', 'what it says'],
    [...runs]
      .sort(([a], [b]) => causes.indexOf(a?.cause ?? 'other') - causes.indexOf(b?.cause ?? 'other'))
      .map(run =>
        row(
          `\`${run[0]?.cause}\``,
          `${ids(run)}${run[0]?.unverified ? ' \\*' : ''}`,
          run[0]?.text ?? '',
        ),
      ),
  )
}

const eventsTable = (): string =>
  table(
    ['event_id', 'cause', 'logged by', 'what it says'],
    eventCatalogue.map(({ id, cause, sources, text }) =>
      row(String(id), `\`${cause}\``, sources.join(', '), text),
    ),
  )

const toolReasonsTable = (): string =>
  table(
    ['reason', 'meaning'],
    Object.entries(toolReasonWords).map(([reason, words]) => row(`\`${reason}\``, words)),
  )

const inRow = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')

const flagsText = (flags: Flags): string => `\`\`\`\n${describeFlags(flags)}\n\`\`\``

/** Each part of the README that is made from the code, by the name of its markers. */
export const parts: Readonly<Record<string, () => string>> = {
  metrics: metricsTable,
  modules: modulesTable,
  sources: sourcesTable,
  'flags-serve': () => flagsText(serveFlags),
  'flags-read': () => flagsText(readFlags),
  'flags-doctor': () => flagsText(doctorFlags),
  'flags-explain': () => flagsText(explainFlags),
  'flags-demo': () => flagsText(demoFlags),
  diagnostics: diagnosticsTable,
  events: eventsTable,
  reasons: () => inRow(reasons),
  'tool-reasons': toolReasonsTable,
}

/** The README as it should be: what stands between `<!-- NAME -->` and `<!-- /NAME -->` made anew. */
export const renewed = (text: string): string =>
  Object.entries(parts).reduce((whole, [name, make]) => {
    const markers = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`)
    if (!markers.test(whole)) throw new Error(`the README has no markers for ${name}`)
    return whole.replace(
      markers,
      (_, begin: string, end: string) => `${begin}\n\n${make()}\n\n${end}`,
    )
  }, text)

export const readme = (): string => readFileSync(README, 'utf8')
