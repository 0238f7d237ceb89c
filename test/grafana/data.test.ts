import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { CLI } from '../exporter/exporter.js'
import { skipUnless } from '../peers/peer.js'
import { startProcess } from '../peers/process.js'
import { startPrometheus } from '../peers/prometheus.js'
import { temporaryFolder } from '../peers/scope.js'
import { missingOf } from './drawn.js'
import { type PanelQuery, annotationQueries, panelQueries, variableQueries } from './queries.js'
import { NOT_IN_DEMO, serveSynthetic } from './synthetic.js'

const RULES = resolve(import.meta.dirname, '../../alerts/rules')
const JOB = 'edgeclock'
const SYNTHETIC = 'synthetic'
/** All of the demo. */
const SHOWN = { stepSeconds: 5, rangeSeconds: 600, timeoutMs: 240_000 }

const isInDemo = ({ name }: PanelQuery): boolean =>
  !NOT_IN_DEMO.some(([start]) => name.startsWith(start))

void t.test('every query of every panel has data', async t => {
  if (skipUnless(t, 'prometheus')) return
  const opened = /Open http:\/\/(\S+:\d+)/
  const folder = await temporaryFolder(t, 'panels')
  const demo = await startProcess(t, {
    name: 'edgeclock demo',
    command: process.execPath,
    args: [
      CLI,
      'demo',
      '--reboot-after=25s',
      '--monitoring=never',
      '--web.listen-address=127.0.0.1:0',
    ],
    env: { TMPDIR: folder, TEMP: folder },
    ready: output => opened.test(output),
  })
  const [, target = ''] = opened.exec(demo.output()) ?? []
  const prometheus = await startPrometheus(t, {
    scrape: [
      { job: JOB, target },
      { job: SYNTHETIC, target: await serveSynthetic(t) },
    ],
    rules: readdirSync(RULES).map(file => join(RULES, file)),
  })
  const queries = panelQueries()

  await t.test('in the demo, where it can have any', async t => {
    t.same(await missingOf(prometheus, queries.filter(isInDemo), { job: JOB, ...SHOWN }), [])
  })

  await t.test('and of the one server that is chosen', async t => {
    const chosen = { job: JOB, pool: 'edgepool1', server: 'edge02' }
    t.same(
      await missingOf(prometheus, queries.filter(isInDemo), {
        ...SHOWN,
        ...chosen,
        timeoutMs: 20_000,
      }),
      [],
    )
  })

  await t.test('from a page with what the demo cannot have, otherwise', async t => {
    for (const [start, why] of NOT_IN_DEMO) {
      t.ok(why && queries.some(({ name }) => name.startsWith(start)), start)
    }
    const others = queries.filter(query => !isInDemo(query))
    t.same(await missingOf(prometheus, others, { job: SYNTHETIC, ...SHOWN }), [])
  })

  await t.test('and so have the variables and the annotations', async t => {
    const labels = ({ label }: { label: string }) => `{{${label}}}`
    const series = [
      ...variableQueries().map(one => ({ name: one.name, expr: one.expr, legend: labels(one) })),
      ...annotationQueries(),
    ].map(one => Object.assign(one, { instant: false }))
    t.same(await missingOf(prometheus, series, { job: JOB, ...SHOWN }), [])
  })
})
