import t from 'tap'
import { recordings } from '../../alerts/source/recording.js'
import { missingOf } from '../grafana/drawn.js'
import { panelQueries } from '../grafana/queries.js'
import { NOT_IN_DEMO } from '../grafana/synthetic.js'
import { skipUnless } from '../peers/peer.js'
import { promApi } from '../peers/prometheus.js'
import { until } from '../peers/wait.js'
import { tells } from '../peers/webhook.js'
import { MISTAKEN, told } from './chain.js'
import { evaluatedSince } from './prometheus-state.js'
import { startScale } from './scale.js'

/** At worst by design: a scrape, the delay of queries, twice the evaluation's interval, and group_wait. */
const PAGE_SECONDS = 15 + 5 + 2 * 15 + 5
/** This machine may be busy with other tests. */
const GENEROUS = 2
/** After so long the second of two Alertmanagers tells what the first one has not told; and a bit. */
const PEER_MS = 15_000 + 5000
const PATIENCE = { timeoutMs: 180_000, intervalMs: 250 }

if (!skipUnless(t, 'victoria-metrics', 'vmagent', 'vmalert', 'alertmanager')) {
  const { demo, webhook, victoriaMetrics, vmalert } = await startScale(t)
  const pages = () => webhook.notifications.filter(({ receiver }) => receiver === 'page')

  void t.test('vmalert evaluates all shipped rules, and VictoriaMetrics keeps them', async t => {
    const started = Date.now()
    await until(() => evaluatedSince(promApi(vmalert.url), started), {
      what: 'each group to be evaluated',
      ...PATIENCE,
    })
    await until(() => /edge02 goes down/.test(demo.output()), { what: 'the reboot', ...PATIENCE })
    t.same(webhook.notifications, [], 'and nobody is told anything of a healthy pool')
  })

  void t.test('of a server that came back six hours behind one page arrives', async t => {
    await until(() => /edge02 is back/.test(demo.output()), { what: 'its return', ...PATIENCE })
    const back = performance.now()
    // The calls that fail may be told first: here they fail from its return on.
    const page = await webhook.waitFor(tells('EdgeclockClockFarOff'), {
      what: 'the page',
      timeoutMs: GENEROUS * PAGE_SECONDS * 1000,
    })
    t.comment(`from its return to the page: ${((page.atMs - back) / 1000).toFixed(1)} s`)
    t.same(told(page), ['page firing EdgeclockClockFarOff edgepool1 edge02'])
    const description = page.alerts[0]?.annotations['description'] ?? ''
    for (const needed of ['edge02', 'edgepool1', '6h behind', 'w32tm /resync']) {
      t.ok(description.includes(needed), `it has ${needed}: ${description}`)
    }
  })

  void t.test('of the calls that fail for it one more arrives, and names it', async t => {
    const page = await webhook.waitFor(tells('EdgeclockSkewBreaksCalls'), {
      what: 'the page of the calls',
      timeoutMs: PATIENCE.timeoutMs,
    })
    t.same(told(page), ['page firing EdgeclockSkewBreaksCalls edgepool1 edge02'])
    t.match(page.alerts[0]?.annotations['description'], /edge02.* 6h behind.* [1-9]\d* calls? /)
  })

  void t.test('each recorded series is there to be asked for', async t => {
    for (const { record } of recordings) {
      const found = await until(
        async () => {
          const samples = await victoriaMetrics.query(record)
          return samples.length > 0 && samples
        },
        { what: record, ...PATIENCE },
      )
      t.ok(found.length > 0, record)
    }
  })

  void t.test('each query of each panel has data, but for what the demo never has', async t => {
    const queries = panelQueries().filter(
      ({ name }) => !NOT_IN_DEMO.some(([start]) => name.startsWith(start)),
    )
    t.ok(queries.length > 0)
    const shown = { job: 'edgeclock', stepSeconds: 15, rangeSeconds: 600 }
    t.same(
      await missingOf(victoriaMetrics, queries, { ...shown, timeoutMs: PATIENCE.timeoutMs }),
      [],
    )
  })

  void t.test('of two Alertmanagers one tells, and no text has a mistake', async t => {
    const lastPage = Math.max(...pages().map(({ atMs }) => atMs)) + performance.timeOrigin
    await until(() => evaluatedSince(promApi(vmalert.url), lastPage + PEER_MS), {
      what: 'the second Alertmanager to have had its turn',
      ...PATIENCE,
    })
    t.equal(pages().length, 2)
    t.same(webhook.refused, [])
    t.notMatch(JSON.stringify(webhook.notifications), MISTAKEN)
  })
}
