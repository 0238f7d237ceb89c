import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { JOB } from '../../alerts/source/exporter.js'
import { bundleFiles } from '../../alerts/source/files.js'
import { renewedReadme } from '../../alerts/source/readme.js'
import { alerts } from '../../alerts/source/table.js'
import { defaultUrls } from '../../alerts/source/urls.js'
import { proberOptions } from '../../src/config/modules.js'
import { requirePeer, skipUnless } from '../peers/peer.js'
import { promtool } from '../peers/prometheus.js'
import { temporaryFolder } from '../peers/scope.js'
import { firingCases } from './firing-cases.js'
import { RULES } from './promtool-test.js'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFile(join(root, path), 'utf8')
void t.test('the committed files are what their source makes (npm run bundle)', async t => {
  for (const [path, text] of bundleFiles(defaultUrls)) t.equal(await read(path), text, path)
})

void t.test('promtool finds nothing to remark on the rules', async t => {
  if (skipUnless(t, 'promtool')) return
  const lint = ['check', 'rules', '--lint=all', '--lint-fatal']
  const { code, stdout, stderr } = await promtool([...lint, ...RULES])
  t.equal(code, 0, stderr)
  t.match(stdout, new RegExp(`SUCCESS: ${alerts.length} rules found`))
})

void t.test('vmalert takes the rules as they are', async t => {
  if (skipUnless(t, 'vmalert')) return
  const { path, env } = requirePeer('vmalert')
  const dryRun = (files: string[]) =>
    spawnSync(path, ['-dryRun', ...files.map(file => `-rule=${file}`)], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
  const { status, stderr } = dryRun(RULES)
  t.equal(status, 0, stderr)
  const broken = join(await temporaryFolder(t, 'vmalert'), 'broken.yml')
  await writeFile(broken, (await read('alerts/rules/edgeclock.alerts.yml')).replace('for:', 'fro:'))
  t.not(dryRun([broken]).status, 0, 'it would refuse a key that it does not know')
})

void t.test('the first sentence of an alert is enough to begin with', async t => {
  for (const { alert, fires } of firingCases) {
    for (const { labels, annotations } of fires.flatMap(([, list]) => list)) {
      const { summary = '', description = '', runbook_url = '' } = annotations
      t.match(summary, /^[^{}]+\.$/, `${alert}: a summary of constant words`)
      t.match(description, /^[^{}]+\.$/)
      const [sentence = ''] = description.split(/\.(?= )/)
      t.match(sentence, /`[^`]+`/, `${alert}: something to type`)
      for (const label of ['pool', 'server']) t.ok(sentence.includes(labels[label] ?? ''), alert)
      t.match(runbook_url, /^http:/)
    }
  }
  for (const { name } of alerts) t.ok(await read(`alerts/runbooks/${name}.md`), name)
})

void t.test('Kubernetes gets the same rules, and knows the exporter by their job', async t => {
  const groups = async (path: string) => (parse(await read(path)) as { groups: object[] }).groups
  const rule = parse(await read('alerts/kubernetes/prometheusrule.yml'))
  t.match(rule, { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' })
  const same = [
    ...(await groups('alerts/rules/edgeclock.recording.yml')),
    ...(await groups('alerts/rules/edgeclock.alerts.yml')),
  ]
  // The operator's Prometheus evaluates every 30 s, and vmalert the files as often as it is told.
  t.strictSame(
    rule.spec.groups,
    same.map(group => ({ ...group, interval: '15s' })),
  )
  t.ok(same.every(group => !('interval' in group)))
  const monitor = parse(await read('alerts/kubernetes/servicemonitor.yml'))
  t.match(monitor, { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' })
  t.strictSame(monitor.spec.endpoints[0].relabelings, [{ targetLabel: 'job', replacement: JOB }])
  const probe = parse(await read('alerts/kubernetes/probe.yml'))
  t.match(probe, { apiVersion: 'monitoring.coreos.com/v1', kind: 'Probe' })
  t.ok(probe.spec.module in proberOptions)
  t.not(probe.spec.jobName, JOB, 'what /probe answers is not what the exporter tells')
})

void t.test('the table of alerts in the README is that of the source', async t => {
  const readme = await read('alerts/README.md')
  t.ok(alerts.every(({ name }) => readme.includes(`runbooks/${name}.md`)))
  t.equal(readme, await renewedReadme(readme))
})

void t.test("the README's Prometheus evaluates as often as it scrapes", async t => {
  const [, snippet = ''] = /```\n(global:[^]*?)```/.exec(await read('alerts/README.md')) ?? []
  t.match(parse(snippet), {
    global: { evaluation_interval: '15s' },
    scrape_configs: [{ job_name: JOB, scrape_interval: '15s' }],
  })
})
