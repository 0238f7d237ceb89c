import t from 'tap'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { tells } from '../peers/webhook.js'
import { MISTAKEN, startChain, told } from './chain.js'
import { alertsOf, evaluatedSince } from './prometheus-state.js'

const SIX_HOURS = 21_600
/** At worst by design: the pool's interval, a scrape, an evaluation and group_wait. */
const PAGE_SECONDS = 15 + 15 + 15 + 5
/** This machine may be busy with other tests. */
const GENEROUS = 2
const AIM_SECONDS = 60
const MISSED = `, and the aim is less than ${AIM_SECONDS} s: is this machine busy?`
/** From the repair on: also Alertmanager's group_interval, before which it tells nothing new of a group. */
const RESOLVED_MS = GENEROUS * 1000 * (PAGE_SECONDS + 60)
/** So long nothing happens at first. */
const HEALTHY_MS = 45_000

const ABOUT = { FarOff: 'EdgeclockClockFarOff', calls: 'EdgeclockSkewBreaksCalls' } as const

if (!skipUnless(t, 'chronyd', 'libfaketime', 'prometheus', 'alertmanager')) {
  const { edge02, exporter, prometheus, webhook, calls } = await startChain(t)
  const pages = () => webhook.notifications.filter(({ receiver }) => receiver === 'page')
  const secondsSince = (begin: number) => (performance.now() - begin) / 1000

  void t.test('nobody is told anything of a pool whose clocks are right', async t => {
    const voicemail = { pool: 'edgepool1', outcome: 'answered' }
    await until(
      async () => {
        const found = await prometheus.query('edgeclock_clock_offset_error_seconds')
        const answered = (await exporter.metrics()).value('edgeclock_um_calls_total', voicemail)
        return found.length === 2 && (answered ?? 0) > 0
      },
      { what: 'both clocks in Prometheus, and a call', timeoutMs: 60_000 },
    )
    const watched = Date.now()
    await until(() => evaluatedSince(prometheus, watched + HEALTHY_MS), {
      what: 'the rules to be evaluated for a while',
      timeoutMs: HEALTHY_MS + 60_000,
      intervalMs: 500,
    })
    t.same(await alertsOf(prometheus), [])
    t.same(webhook.notifications, [])
  })

  void t.test('a clock that steps six hours back pages once, with all that is needed', async t => {
    await edge02.step('-6h')
    const stepped = performance.now()
    const page = await webhook.waitFor(({ receiver }) => receiver === 'page', {
      what: 'the page',
      timeoutMs: GENEROUS * PAGE_SECONDS * 1000,
    })
    const took = (page.atMs - stepped) / 1000
    t.comment(`from the step to the page: ${took.toFixed(1)} s${took < AIM_SECONDS ? '' : MISSED}`)
    t.same(told(page), [`page firing ${ABOUT.FarOff} edgepool1 edge02`])
    const [alert] = page.alerts
    t.match(alert?.labels, { severity: 'critical', component: 'clock' })
    const { summary, description, runbook_url, dashboard_url } = alert?.annotations ?? {}
    t.match(summary, /\.$/)
    const [spoken = ''] = description?.split(/(?<=\.) (?=[A-Z])/) ?? []
    for (const needed of ['edge02', 'edgepool1', '6h behind', 'w32tm /resync']) {
      t.ok(spoken.includes(needed), `the first sentence has ${needed}: ${spoken}`)
    }
    t.match(runbook_url, /\/runbooks\/EdgeclockClockFarOff$/)
    t.match(dashboard_url, /var-pool=edgepool1&var-server=edge02$/)
    t.equal(pages().length, 1, 'and no second one')
  })

  void t.test('calls that fail for it page once more, and name the same server', async t => {
    calls.skew(-SIX_HOURS)
    const counted = await until(
      async () =>
        (await exporter.metrics()).value('edgeclock_um_call_failures_total', {
          sip_code: '429',
          diagnostic: '1020',
          cause: 'clock_skew',
        }) && performance.now(),
      { what: 'a call that failed to be counted', timeoutMs: 120_000 },
    )
    const page = await webhook.waitFor(tells(ABOUT.calls, 'firing'), {
      what: 'the page of the calls',
      timeoutMs: GENEROUS * PAGE_SECONDS * 1000,
    })
    t.comment(
      `from the first failure counted to its page: ${((page.atMs - counted) / 1000).toFixed(1)} s`,
    )
    t.same(told(page), [`page firing ${ABOUT.calls} edgepool1 edge02`])
    const [alert] = page.alerts
    t.match(alert?.labels, { severity: 'critical', component: 'calls' })
    const description = alert?.annotations['description'] ?? ''
    for (const needed of [/edge02/, /edgepool1/, /6h behind/, /\b[1-9]\d* /, /w32tm \/resync/]) {
      t.match(description, needed)
    }
    t.equal(pages().length, 2, 'no page but these two')
  })

  void t.test('once the clock is repaired both are resolved, and nothing else pages', async t => {
    await edge02.step('+0')
    calls.skew(0)
    const repaired = performance.now()
    for (const name of Object.values(ABOUT)) {
      await webhook.waitFor(tells(name, 'resolved'), {
        what: `${name} to be resolved`,
        timeoutMs: RESOLVED_MS,
      })
      t.comment(`from the repair to ${name} resolved: ${secondsSince(repaired).toFixed(1)} s`)
    }
    const critical = (await alertsOf(prometheus)).filter(one => one.startsWith('critical'))
    t.same(critical, [], 'neither are calls that failed before laid to nobody now')
    t.same(pages().slice(0, 2).flatMap(told), [
      `page firing ${ABOUT.FarOff} edgepool1 edge02`,
      `page firing ${ABOUT.calls} edgepool1 edge02`,
    ])
    t.same(
      pages().slice(2).flatMap(told).sort(),
      Object.values(ABOUT)
        .map(name => `page resolved ${name} edgepool1 edge02`)
        .sort(),
    )
  })

  void t.test('nobody was told of another server, of the reference or of the host', async t => {
    const labels = webhook.notifications.flatMap(({ alerts }) => alerts.map(one => one.labels))
    t.same(
      labels.filter(one => one['server'] !== undefined && one['server'] !== 'edge02'),
      [],
    )
    t.same(
      labels.filter(one => !['clock', 'calls'].includes(one['component'] ?? '')),
      [],
    )
    t.same(webhook.refused, [])
    t.notMatch(JSON.stringify(webhook.notifications), MISTAKEN)
    t.ok(await evaluatedSince(prometheus, 0), 'and no rule fails to be evaluated')
    t.comment(`all that was told: ${webhook.notifications.flatMap(told).join(', ')}`)
  })
}
