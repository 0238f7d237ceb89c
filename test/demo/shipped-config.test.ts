import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { alertmanagerAt, prometheusAt } from '../../src/demo/shipped-config.js'

const FOLDER = fileURLToPath(new URL('../../alerts/', import.meta.url))
const shipped = (name: string) => readFile(join(FOLDER, name), 'utf8')

void t.test("Prometheus' shipped configuration gets other addresses, and nothing else", async t => {
  const text = await shipped('prometheus.yml')
  const to = { folder: FOLDER, exporters: ['127.0.0.1:1'], alertmanagers: ['127.0.0.1:2'] }
  const { rule_files, alerting, scrape_configs, ...rest } = parse(prometheusAt(text, to))
  const before = parse(text)
  t.same(rule_files, [join(FOLDER, 'rules', '*.yml')])
  t.same(alerting, { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:2'] }] }] })
  const [job, ...others] = scrape_configs
  const [{ dns_sd_configs: _, ...was }, ...othersBefore] = before.scrape_configs
  t.same(job, { ...was, static_configs: [{ targets: ['127.0.0.1:1'] }] })
  t.same(others, othersBefore)
  const { rule_files: _f, alerting: _a, scrape_configs: _s, ...restBefore } = before
  t.same(rest, restBefore)
  t.equal(rest.global.scrape_interval, '15s')
})

void t.test(
  "Alertmanager's shipped configuration tells a webhook, by its own routes and inhibition",
  async t => {
    const text = await shipped('alertmanager.yml')
    const webhook = 'http://127.0.0.1:3/'
    const { receivers, templates, ...rest } = parse(
      alertmanagerAt(text, { folder: FOLDER, webhook }),
    )
    const webhook_configs = [{ url: webhook, send_resolved: true }]
    const { receivers: before, templates: _, ...restBefore } = parse(text)
    const names = before.map(({ name }: { name: string }) => name)
    t.same(names.toSorted(), ['note', 'page', 'ticket'])
    t.same(
      receivers,
      names.map((name: string) => ({ name, webhook_configs })),
    )
    t.same(templates, [join(FOLDER, 'templates', '*.tmpl')])
    t.same(rest, restBefore)
  },
)

void t.test('a receiver that was filled in tells the webhook alone', t => {
  const text = `
receivers:
  - name: page
    email_configs: [{ to: somebody@contoso.com }]
templates: []
`
  t.same(parse(alertmanagerAt(text, { folder: '/x', webhook: 'http://h/' })), {
    receivers: [{ name: 'page', webhook_configs: [{ url: 'http://h/', send_resolved: true }] }],
    templates: [],
  })
  t.end()
})

void t.test('a configuration without what is to be replaced is refused, not served as it is', t => {
  const to = { folder: '/x', exporters: [], alertmanagers: [], webhook: '' }
  t.throws(() => prometheusAt('rule_files: []\nscrape_configs: []', to), /no job edgeclock/)
  t.throws(() => prometheusAt('scrape_configs: []', to), /no rule_files/)
  t.throws(() => prometheusAt('a: [', to))
  t.throws(() => alertmanagerAt('templates: []', to), /no receivers/)
  t.throws(() => alertmanagerAt('templates: []\nreceivers: [1]', to), /no mapping/)
  t.end()
})
